"""What tests ask of a server about its sandboxes, where it has to be granted."""

import time


def create(client, **body):
    answer = client.call("POST", "/sandbox", body)
    assert answer.status == 200, answer
    return answer.json()["id"]


def state(client, box):
    """Or the status of the answer, where there is none."""
    answer = client.call("GET", f"/sandbox/{box}")
    return answer.json()["state"] if answer.status == 200 else answer.status


def execute(client, box, command):
    answer = client.call("POST", f"/toolbox/{box}/process/execute", {"command": command, "timeout": 30}, base="")
    assert answer.status == 200, answer
    return answer.json()["result"]


def await_state(server, client, box, is_wanted, seconds):
    """The state that it came to. `server.changes()` tells when another look is worth while."""
    end = time.monotonic() + seconds
    with server.changes() as changes:
        while not is_wanted(reached := state(client, box)):
            assert changes.await_one(end - time.monotonic()), f"{box} is still {reached} after {seconds} s"
    return reached
