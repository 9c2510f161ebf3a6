"""Which recorded control-plane requests concern routes that exist, and what the local backend has to answer."""

import dataclasses
import re

# Members of a create whose enforcement the local backend does not have: 400 naming one of them, never ignored.
REFUSED_MEMBERS = ["networkAllowList", "domainAllowList", "outboundProxyUrl", "otelEndpointOverride", "volumes", "secrets", "linkedSandbox", "buildInfo",
                   "spot", "kvm", "gpuType", "autoPauseInterval", "ttlMinutes"]
RESOURCES = ["cpu", "memory", "disk", "gpu"]
SNAPSHOTS = {"default", "daytona-small", "daytona-medium", "daytona-large"}
REGIONS = {"us", "eu", "local"}

_ID = r"(?P<id>[^/?]*)"
_ROUTES = [
    ("POST", r"/sandbox", "create"),
    ("GET", r"/sandbox", "list"),
    ("GET", rf"/sandbox/{_ID}", "get"),
    ("DELETE", rf"/sandbox/{_ID}", "delete"),
    ("POST", rf"/sandbox/{_ID}/start", "start"),
    ("POST", rf"/sandbox/{_ID}/stop", "stop"),
    ("PUT", rf"/sandbox/{_ID}/labels", "labels"),
    ("POST", rf"/sandbox/{_ID}/last-activity", "last-activity"),
    ("GET", rf"/sandbox/{_ID}/toolbox-proxy-url", "toolbox-proxy-url"),
    ("GET", r"/config", "config"),
    ("GET", r"/snapshots", "snapshots"),
    ("POST", rf"/toolbox/{_ID}/process/execute", "execute"),
    ("GET", rf"/toolbox/{_ID}/(user-home|work)-dir", "directory"),
]


@dataclasses.dataclass
class Request:
    """A recorded request of a route that exists. `id`: of the sandbox as recorded, percent-encoded, or None."""

    route: str
    id: str
    path: str                             # below the API base; for toolbox routes below the server's root
    recorded: dict


def request_of(exchange):
    """The request of an exchange, None if its route does not exist (yet) or it goes to another server."""
    recorded = exchange.get("request")
    if not recorded or "server" in recorded:
        return None
    path = re.sub("^/api/+", "/", recorded["path"])
    for method, pattern, route in _ROUTES:
        if method == recorded["method"] and (match := re.fullmatch(pattern, path)):
            groups = match.groupdict()
            if groups.get("id") == "":
                return None                                    # TypeScript's get(""): another route with a slash at its end
            return Request(route, groups.get("id"), path, recorded)
    return None


def wanted_create(body):
    """(status, words of which one must stand in the message) for the body of a create."""
    given = [name for name in REFUSED_MEMBERS if body.get(name) not in (None, "", [], False, 0)]
    resources = [name for name in RESOURCES if body.get(name) is not None]
    if body.get("user", "daytona") not in ("", None, "daytona"):
        given.append("user")
    if given or resources:
        return 400, given + (["resources"] if resources else [])
    if (body.get("snapshot") or "default") not in SNAPSHOTS:
        return 400, [f"Snapshot {body['snapshot']} not found"]
    if (body.get("target") or "us").strip() not in REGIONS:
        return 404, ["Region not found"]
    return 200, []


def wanted_list(query):
    """(status, words) for the query of a list: what its description rules out is refused."""
    problems = []
    limit = query.get("limit", ["1"])[0]
    if not limit.isdigit() or not 1 <= int(limit) <= 200:
        problems.append("limit")
    if query.get("sort", ["name"])[0] not in ("name", "cpu", "memoryGib", "diskGib", "lastActivityAt", "createdAt"):
        problems.append("sort")
    return (400, problems) if problems else (200, [])
