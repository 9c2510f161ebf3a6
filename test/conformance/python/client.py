"""Uses a Daytona server with the official Python SDK. Prints `pass: NAME` or `fail: NAME | why` for each case; the cases build on each other."""

import asyncio
import os
import sys
import traceback

from daytona import (AsyncDaytona, CodeRunParams, CreateSandboxFromSnapshotParams, FileDownloadRequest, FileUpload, Daytona, DaytonaAuthenticationError, DaytonaBadRequestError,
                     DaytonaConfig, DaytonaConflictError, DaytonaConnectionError, DaytonaNotFoundError,
                     DaytonaProcessExecutionTimeoutError, DaytonaSessionEndedError, DaytonaTimeoutError,
                     ListSandboxesQuery, SandboxState, SessionExecuteRequest)
from daytona.common.pty import PtySize

MARK = f"python-{os.getpid()}"
LOG = "for n in $(seq 20000); do echo line $n; [ $((n % 7)) = 0 ] && echo problem $n >&2; done; printf end; (exit 4)"
CHART = """
import matplotlib.pyplot as plt
plt.bar(['a', 'b'], [3, 5])
plt.title('Bars')
plt.show()
"""


def equal(got, wanted):
    assert got == wanted, f"{got!r} instead of {wanted!r}"


def raises(kind, action, *words):
    try:
        action()
    except kind as error:
        assert all(word in str(error) for word in words), f"the message is {error}"
        return error
    except Exception as error:
        raise AssertionError(f"{type(error).__name__} instead of {kind.__name__}: {error}") from error
    raise AssertionError(f"no {kind.__name__}")


def text_of(pieces):
    return b"".join(pieces).decode()


def until(terminal, pieces, end):
    """Reads from a terminal until it has put out `end`."""
    for piece in terminal:
        pieces.append(piece)
        if end in text_of(pieces):
            return
    raise AssertionError(f"the terminal ended before {end!r}: {text_of(pieces)!r}")


class Scenario:
    """The methods `case_…` run in the order they stand; their docstrings are the names of the cases."""

    def __init__(self):
        self.client = Daytona()
        self.sandbox = None

    def case_create(self):
        """create gives a started sandbox with what was asked for"""
        self.sandbox = self.client.create(CreateSandboxFromSnapshotParams(
            name=f"{MARK}-main", language="python", labels={"mark": MARK}, env_vars={"COLOUR": "green"}, auto_stop_interval=0))
        equal(self.sandbox.state, SandboxState.STARTED)
        equal(self.sandbox.name, f"{MARK}-main")
        equal(self.sandbox.labels, {"mark": MARK, "code-toolbox-language": "python"})
        equal(self.sandbox.env, {"COLOUR": "green"})
        equal(self.sandbox.auto_stop_interval, 0)
        assert self.sandbox.organization_id and self.sandbox.toolbox_proxy_url and self.sandbox.cpu > 0

    def case_get(self):
        """get finds a sandbox by id and by name"""
        equal(self.client.get(self.sandbox.id).name, self.sandbox.name)
        equal(self.client.get(self.sandbox.name).id, self.sandbox.id)

    def case_list(self):
        """list filters by label, state and name, page by page"""
        second = self.client.create(CreateSandboxFromSnapshotParams(labels={"mark": MARK}))
        found = [item.id for item in self.client.list(ListSandboxesQuery(labels={"mark": MARK}, limit=1))]
        equal(sorted(found), sorted([self.sandbox.id, second.id]))
        named = self.client.list(ListSandboxesQuery(name=f"{MARK}-MA", states=[SandboxState.STARTED]))
        equal([item.id for item in named], [self.sandbox.id])
        equal([item.id for item in self.client.list(ListSandboxesQuery(labels={"mark": "other"}))], [])
        second.delete()

    def case_exec(self):
        """exec gives output and exit code, with working directory and environment"""
        answer = self.sandbox.process.exec("echo $COLOUR $SHAPE; pwd; echo problem >&2", cwd="/tmp", env={"SHAPE": "round"})
        equal((answer.exit_code, answer.result), (0, "green round\n/tmp\nproblem\n"))
        equal(self.sandbox.process.exec("exit 42").exit_code, 42)

    def case_exec_timeout(self):
        """a command that outlives its timeout raises the timeout error of processes"""
        raises(DaytonaProcessExecutionTimeoutError, lambda: self.sandbox.process.exec("sleep 20", timeout=1))

    def case_code_run(self):
        """code_run passes arguments and environment, and reports failure by exit code and traceback"""
        answer = self.sandbox.process.code_run("import os, sys; print(sys.argv[1:], os.environ['SHAPE'])", CodeRunParams(argv=["a", "b"], env={"SHAPE": "round"}))
        equal((answer.exit_code, answer.result), (0, "['a', 'b'] round\n"))
        failed = self.sandbox.process.code_run("raise ValueError('no')")
        equal(failed.exit_code, 1)
        assert "ValueError: no" in failed.result, failed.result

    def case_charts(self):
        """code_run returns charts, typed, with their picture"""
        answer = self.sandbox.process.code_run(CHART)
        equal(answer.exit_code, 0)
        chart, = answer.artifacts.charts
        equal((chart.type, chart.title), ("bar", "Bars"))
        equal([(bar.label, float(bar.value)) for bar in chart.elements], [("a", 3.0), ("b", 5.0)])
        assert chart.png.startswith("iVBORw0KGgo")

    def case_sessions(self):
        """a session keeps its state, takes input, and tells its outputs apart"""
        process = self.sandbox.process
        process.create_session("build")
        first = process.execute_session_command("build", SessionExecuteRequest(command="cd /tmp; A=1; echo out; echo err >&2; (exit 3)"))
        equal((first.exit_code, first.stdout, first.stderr), (3, "out\n", "err\n"))
        started = process.execute_session_command("build", SessionExecuteRequest(command="read x; echo $PWD $A $x", run_async=True))
        process.send_session_command_input("build", started.cmd_id, "hello")
        equal(process.execute_session_command("build", SessionExecuteRequest(command="true")).exit_code, 0)
        equal(process.get_session_command_logs("build", started.cmd_id).stdout, "hello\n/tmp 1 hello\n")
        equal(len(process.get_session("build").commands), 3)
        equal(process.get_entrypoint_session().session_id, "entrypoint")
        equal(process.execute_session_command("build", SessionExecuteRequest(command="exit 3")).exit_code, 3)
        raises(DaytonaSessionEndedError, lambda: process.execute_session_command("build", SessionExecuteRequest(command="true")))
        process.delete_session("build")
        equal(process.list_sessions(), [])

    def case_followed_logs(self):
        """followed logs arrive to the last byte, each with its output"""
        asyncio.run(self._follow())

    async def _follow(self):
        out, err = [], []
        async with AsyncDaytona() as client:
            process = (await client.get(self.sandbox.id)).process
            await process.create_session("logs")
            started = await process.execute_session_command("logs", SessionExecuteRequest(command=LOG, run_async=True))
            await process.get_session_command_logs_async("logs", started.cmd_id, out.append, err.append)
            equal((await process.get_session_command("logs", started.cmd_id)).exit_code, 4)
            await process.delete_session("logs")
        assert "".join(out) == "".join(f"line {n}\n" for n in range(1, 20001)) + "end", "standard output differs"
        assert "".join(err) == "".join(f"problem {n}\n" for n in range(7, 20001, 7)), "standard error differs"

    def case_files(self):
        """files go up and come down with every byte, are listed, moved, searched, changed and deleted"""
        fs, data = self.sandbox.fs, bytes(range(256)) * 4096
        fs.create_folder("files/sub", "750")
        fs.upload_file(data, "files/data.bin")
        fs.upload_files([FileUpload(source=b"one TODO\ntwo\n", destination="files/a.txt"), FileUpload(source=b"", destination="files/hé €.txt")])
        equal(fs.download_file("files/data.bin"), data)
        equal(fs.download_file("files/hé €.txt"), b"")
        several = fs.download_files([FileDownloadRequest(source="files/a.txt"), FileDownloadRequest(source="files/none")])
        equal([(each.source, each.result, bool(each.error)) for each in several], [("files/a.txt", b"one TODO\ntwo\n", False), ("files/none", None, True)])
        equal([(each.name, each.is_dir, each.permissions) for each in fs.list_files("files")],
              [("a.txt", False, "0644"), ("data.bin", False, "0644"), ("hé €.txt", False, "0644"), ("sub", True, "0750")])
        equal([(each.file, each.line, each.content) for each in fs.find_files("files", "TODO")], [("files/a.txt", 1, "one TODO")])
        equal(fs.search_files("files", "*.txt").files, ["files/a.txt", "files/hé €.txt"])
        equal([(each.file, each.success) for each in fs.replace_in_files(["files/a.txt"], "two", "three")], [("files/a.txt", True)])
        fs.move_files("files/a.txt", "files/sub/b.txt")
        fs.set_file_permissions("files/sub/b.txt", mode="600")
        info = fs.get_file_info("files/sub/b.txt")
        equal((info.name, info.size, info.permissions, info.is_dir), ("b.txt", 15, "0600", False))
        raises(DaytonaNotFoundError, lambda: fs.get_file_info("files/a.txt"))
        raises(DaytonaNotFoundError, lambda: fs.download_file("files/none"))
        fs.delete_file("files", recursive=True)
        raises(DaytonaNotFoundError, lambda: fs.list_files("files"))

    def case_terminal(self):
        """a terminal takes input, changes its size, is seen by two clients, and tells its exit code"""
        process, seen, other = self.sandbox.process, [], []
        terminal = process.create_pty_session("shell", cwd="/tmp", envs={"SHAPE": "round"}, pty_size=PtySize(rows=30, cols=100))
        second = process.connect_pty_session("shell")
        terminal.send_input("stty size; pwd; echo $SHAPE-$TERM\n")
        until(terminal, seen, "round-xterm-256color\r\n")
        assert "30 100\r\n/tmp\r\n" in text_of(seen), text_of(seen)
        equal(terminal.resize(PtySize(rows=41, cols=133)).cols, 133)
        second.send_input("stty size\n")
        until(second, other, "41 133\r\n")
        equal([(each.id, each.active, each.rows) for each in process.list_pty_sessions()], [("shell", True, 41)])
        raises(DaytonaConflictError, lambda: process.create_pty_session("shell"))
        terminal.send_input("echo $((6*7))-words; exit 5\n")
        end = terminal.wait(seen.append)
        equal((end.exit_code, second.wait(other.append).exit_code), (5, 5))
        assert "42-words\r\n" in text_of(seen) and "42-words\r\n" in text_of(other), text_of(seen)
        killed = process.create_pty_session("other")
        killed.kill()
        equal((killed.wait().exit_code, killed.error), (137, "SIGKILL"))
        raises(DaytonaNotFoundError, lambda: process.get_pty_session_info("other"))
        equal(process.list_pty_sessions(), [])

    def case_interpreter(self):
        """the interpreter keeps state, streams what is printed in its order, and tells exceptions, timeouts and deaths"""
        interpreter, order = self.sandbox.code_interpreter, []
        interpreter.run_code("import os, sys\nx = 41")
        result = interpreter.run_code("x += 1; print('a', flush=True); print('b', file=sys.stderr); os.system('echo c'); print(os.environ['Q'])\n1 / 0",
                                      on_stdout=lambda said: order.append(("out", said.output)), on_stderr=lambda said: order.append(("err", said.output)),
                                      on_error=lambda raised: order.append(("error", raised.name)), envs={"Q": "z"})
        equal((result.stdout, result.stderr, result.error.value), ("a\nc\nz\n", "b\n", "division by zero"))
        equal([order[0], order[1], order[-1]], [("out", "a\n"), ("err", "b\n"), ("error", "ZeroDivisionError")])
        raises(DaytonaTimeoutError, lambda: interpreter.run_code("while True: pass", timeout=1), "timed out")
        equal(interpreter.run_code("print(x, 'Q' in os.environ)").stdout, "42 False\n")
        context = interpreter.create_context(cwd="/tmp")
        equal([(each.id, each.cwd, each.active, each.language) for each in interpreter.list_contexts()], [(context.id, "/tmp", True, "python")])
        equal(interpreter.run_code("import os; print(os.getcwd(), 'x' in globals())", context=context).stdout, "/tmp False\n")
        raises(DaytonaConnectionError, lambda: interpreter.run_code("os._exit(3)", context=context), "worker process ended (close code 1001)")
        equal(interpreter.run_code("print('os' in globals())", context=context).stdout, "False\n")
        interpreter.delete_context(context)
        raises(DaytonaNotFoundError, lambda: interpreter.delete_context(context))
        raises(DaytonaConnectionError, lambda: interpreter.run_code("1", context=context), "context not found")
        asyncio.run(self._interpret_many())

    async def _interpret_many(self):
        async with AsyncDaytona() as client:
            interpreter = (await client.get(self.sandbox.id)).code_interpreter
            results = await asyncio.gather(*[interpreter.run_code(f"print({n})\nfor line in range(1000): print('z' * 50)") for n in range(10)])
            equal([each.stdout.split("\n", 1)[0] for each in results], [str(n) for n in range(10)])
            equal({len(each.stdout) for each in results}, {51002})

    def case_directories(self):
        """home and working directory are the user's"""
        equal(self.sandbox.get_user_home_dir(), "/home/daytona")
        equal(self.sandbox.get_work_dir(), "/home/daytona")

    def case_labels(self):
        """labels are replaced"""
        equal(self.sandbox.set_labels({"mark": MARK, "new": "1"}), {"mark": MARK, "new": "1"})
        self.sandbox.refresh_data()
        equal(self.sandbox.labels, {"mark": MARK, "new": "1"})

    def case_stop(self):
        """stop ends the processes; a stopped sandbox runs nothing"""
        self.sandbox.process.exec("echo kept > kept.txt")
        self.sandbox.stop(timeout=60)
        equal(self.sandbox.state, SandboxState.STOPPED)
        raises(DaytonaBadRequestError, lambda: self.sandbox.process.exec("true"))

    def case_start(self):
        """start brings it back with its files"""
        self.sandbox.start(timeout=60)
        equal(self.sandbox.state, SandboxState.STARTED)
        equal(self.sandbox.process.exec("cat kept.txt").result, "kept\n")

    def case_errors(self):
        """unknown id, taken name, wrong key and refused parameter raise the class of their status"""
        raises(DaytonaNotFoundError, lambda: self.client.get("no-such-sandbox"), "no-such-sandbox")
        raises(DaytonaConflictError, lambda: self.client.create(CreateSandboxFromSnapshotParams(name=f"{MARK}-main")), f"{MARK}-main")
        raises(DaytonaBadRequestError, lambda: self.client.create(CreateSandboxFromSnapshotParams(network_allow_list="10.0.0.0/8")), "networkAllowList")
        wrong = Daytona(DaytonaConfig(api_key="wrong", api_url=os.environ["DAYTONA_API_URL"]))
        raises(DaytonaAuthenticationError, lambda: wrong.get(self.sandbox.id))

    def case_async(self):
        """the asynchronous client runs ten sandboxes at once"""
        equal(asyncio.run(ten_at_once()), [f"{n}\n" for n in range(10)])

    def case_delete(self):
        """a deleted sandbox is gone for get and list"""
        self.sandbox.delete(timeout=60, wait=True)
        raises(DaytonaNotFoundError, lambda: self.client.get(self.sandbox.id))
        equal([item.id for item in self.client.list(ListSandboxesQuery(labels={"mark": MARK}))], [])


async def ten_at_once():
    async with AsyncDaytona() as client:
        async def one(number):
            sandbox = await client.create(CreateSandboxFromSnapshotParams(labels={"mark": MARK}))
            try:
                return (await sandbox.process.exec(f"echo {number}")).result
            finally:
                await sandbox.delete()
        return await asyncio.gather(*(one(number) for number in range(10)))


def main():
    failed = False
    scenario = Scenario()
    for case in [getattr(scenario, name) for name in vars(Scenario) if name.startswith("case_")]:
        try:
            case()
        except Exception as error:
            failed = True
            place = traceback.extract_tb(error.__traceback__)[1].lineno
            print(f"fail: {case.__doc__} | {type(error).__name__}: {' '.join(str(error).split())} (line {place})", flush=True)
        else:
            print(f"pass: {case.__doc__}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
