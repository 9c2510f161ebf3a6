#!/usr/bin/env python3
"""Self-test of the control replay: routes, the answers wanted, and what the SDKs refuse."""

import pathlib
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "support")]

import control_cases                              # noqa: E402
import rows                                       # noqa: E402
import tolerance                                  # noqa: E402
from wire.cases import checks_of, run_checks      # noqa: E402

TABLE = tolerance.Table(rows.VECTORS / "control/tolerance.tsv")
SANDBOX = ('{"id":"1","organizationId":"o","name":"n","user":"u","env":{},"labels":{},"public":false,"networkBlockAll":false,"kvm":false,'
           '"target":"us","cpu":1,"gpu":0,"memory":1,"disk":3,"toolboxProxyUrl":"u","autoStopInterval":1.5,"state":"new one"}')
SNAPSHOT = ('{"id":"1","general":true,"name":"n","state":"active","cpu":1,"gpu":0,"mem":1,"disk":3,'
            '"createdAt":"2026-03-04T05:06:07Z","updatedAt":"2026-03-04T05:06:07.1+01:00"}')


def refused(name, text):
    return TABLE.complaints(name, tolerance.parse(text))


def check_accepted():
    """what the SDKs accept is accepted: absent options, fractions where they may be, unknown states"""
    assert not refused("Sandbox (get)", SANDBOX), refused("Sandbox (get)", SANDBOX)
    assert not refused("SnapshotDto (get)", SNAPSHOT), refused("SnapshotDto (get)", SNAPSHOT)


def check_refused():
    """what an SDK refuses is refused: absent, null, mistyped members, 1.0 for an integer, a bad time"""
    for old, new in (('"kvm":false,', ""), ('"env":{}', '"env":null'), ('"cpu":1', '"cpu":1.0'), ('"cpu":1', '"cpu":"1"'), ('"labels":{}', '"labels":[]'),
                     ('"public":false', '"public":0'), ('"name":"n"', '"name":7'), ('"name":"n"', '"name":["n"]'), ('"cpu":1', '"cpu":true')):
        assert len(refused("Sandbox (get)", SANDBOX.replace(old, new))) == 1, (new, refused("Sandbox (get)", SANDBOX.replace(old, new)))
    assert refused("SnapshotDto (get)", SNAPSHOT.replace("2026-03-04T05:06:07Z", "yesterday"))
    assert refused("Sandbox (get)", "[]")


def check_nested():
    """nested members are looked up"""
    config = '{"oidc":{"issuer":"i","clientId":"c","audience":"a"}}'
    assert any(text.startswith("oidc.provider (remove)") for text in refused("DaytonaConfiguration (get_metrics)", config))
    assert not any(text.startswith("oidc.issuer") for text in refused("DaytonaConfiguration (get_metrics)", config))


def request(method, path, **more):
    return control_cases.request_of({"request": {"method": method, "path": path, **more}})


def check_routes():
    """routes that exist are told from those to come, ids from names of routes, servers from each other"""
    assert request("GET", "/api/sandbox/a%2Fb").id == "a%2Fb"
    assert request("GET", "/api//sandbox/x").route == "get"
    assert request("POST", "/toolbox/1/process/execute").route == "execute"
    assert request("GET", "/api/sandbox/") is None and request("POST", "/api/sandbox/x/fork") is None
    assert request("GET", "/api/sandbox/x", server="logs") is None
    assert control_cases.request_of({"emitted": ["sandbox.created", {}]}) is None


def check_wanted():
    """a feature refused on purpose is wanted as 400 naming it; what means `not given` is not refused"""
    assert control_cases.wanted_create({"volumes": [], "name": None, "spot": False, "networkAllowList": "", "ttlMinutes": 0}) == (200, [])
    assert control_cases.wanted_create({"volumes": [{"volumeId": "v"}], "kvm": True}) == (400, ["volumes", "kvm"])
    assert control_cases.wanted_create({"cpu": 2}) == (400, ["resources"])
    assert control_cases.wanted_create({"snapshot": "none"})[0] == 400 and control_cases.wanted_create({"target": "mars"})[0] == 404
    assert control_cases.wanted_list({"limit": ["0"]}) == (400, ["limit"]) and control_cases.wanted_list({"limit": ["200"]}) == (200, [])


if __name__ == "__main__":
    sys.exit(run_checks(checks_of(globals())))
