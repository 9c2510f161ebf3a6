#include <doctest/doctest.h>

#include <string>

#include "live.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;

namespace {

template <class T>
using awaitable = asio::awaitable<T>;

session_execute_request command_of(std::string text, bool run_async = false) {
  session_execute_request request;
  request.command = std::move(text);
  request.run_async = run_async;
  return request;
}

/// How many zombies there are in the sandbox, once there are none or 5 s have passed.
constexpr auto count_zombies =
    "for i in $(seq 50); do n=$(cat /proc/[0-9]*/stat 2>/dev/null | grep -c ') Z '); [ $n = 0 ] && break; sleep 0.1; "
    "done; "
    "echo $n";

}  // namespace

TEST_CASE("P10: a command of a session that is waited for has its two outputs and its exit code") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    auto process = sandbox.process();
    co_await process.create_session("build");
    auto request = command_of("echo out; echo err >&2; (exit 3)");
    auto answer = co_await process.execute_session_command("build", request);
    CHECK(answer.stdout_ == "out\n");
    CHECK(answer.stderr_ == "err\n");
    CHECK(answer.exit_code == 3);
    auto known = co_await process.get_session_command("build", answer.cmd_id);
    CHECK(known.exit_code == 3);
    auto logs = co_await process.get_session_command_logs("build", answer.cmd_id);
    CHECK(logs.stdout_ == "out\n");
    CHECK(logs.stderr_ == "err\n");
    auto session = co_await process.get_session("build");
    CHECK(session.commands.size() == 1);
    co_await process.delete_session("build");
  });
}

TEST_CASE("every sandbox, also of the default snapshot, has an entrypoint session and logs of it") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    auto process = sandbox.process();
    auto session = co_await process.get_entrypoint_session();
    CHECK(session.session_id == "entrypoint");
    REQUIRE(session.commands.size() == 1);
    CHECK_FALSE(session.commands.front().exit_code.has_value());
    auto logs = co_await process.get_entrypoint_logs();
    CHECK(logs.output == logs.stdout_ + logs.stderr_);
    auto all = co_await process.list_sessions();
    CHECK(all.empty());
  });
}

TEST_CASE("a deleted session leaves neither a process nor a zombie, disowned ones included") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    auto process = sandbox.process();
    co_await process.create_session("s");
    auto request = command_of("(sleep 4321 &); nohup sleep 4321 >/dev/null & disown; (exec sleep 4321) & echo started");
    request.run_async = true;
    auto started = co_await process.execute_session_command("s", request);
    auto logs = co_await process.follow_session_command("s", started.cmd_id);
    auto chunk = co_await logs.next();
    CHECK(chunk->bytes == "started\n");
    co_await process.delete_session("s");
    auto left = co_await process.exec("cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c 'slee[p] 4321 '");
    CHECK(left.result == "0\n");
    auto zombies = co_await process.exec(count_zombies);
    CHECK(zombies.result == "0\n");
  });
}

TEST_CASE("S3: the exit code of a command is told after the last byte that it wrote") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    auto process = sandbox.process();
    co_await process.create_session("s");
    auto request = command_of("seq 1 200000; echo end >&2; (exit 7)", true);
    auto started = co_await process.execute_session_command("s", request);
    std::size_t size = 0;
    std::string errors;
    auto on_stdout = [&](std::string_view bytes) { size += bytes.size(); };
    auto on_stderr = [&](std::string_view bytes) { errors += bytes; };
    wait_session_command_options options;
    options.on_stdout = on_stdout;
    options.on_stderr = on_stderr;
    auto ended = co_await process.wait_session_command("s", started.cmd_id, options);
    CHECK(ended.exit_code == 7);
    CHECK(size == 1'288'895);
    CHECK(errors == "end\n");
  });
}

TEST_CASE("T4: a command as a stream is fed, read to its end, waited for, or killed with all it started") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    auto process = sandbox.process();
    exec_stream_options options;
    options.cwd = "/usr";
    options.env["NAME"] = "it's";
    auto stream = co_await process.exec_stream("pwd; read line; echo \"$NAME $line\" >&2; (exit 4)", options);
    auto first = co_await stream.next();
    CHECK(first->bytes == "/usr\n");
    co_await stream.send_input("fed");
    auto second = co_await stream.next();
    CHECK(second->source == log_source::stderr_);
    CHECK(second->bytes == "it's fed\n");
    auto end = co_await stream.next();
    CHECK_FALSE(end.has_value());
    auto code = co_await stream.wait();
    CHECK(code == 4);

    auto endless = co_await process.exec_stream("sleep 5432 & sleep 5432");
    co_await endless.kill();
    auto nothing = co_await endless.next();
    CHECK_FALSE(nothing.has_value());
    auto left = co_await process.exec("cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c 'slee[p] 5432 '");
    CHECK(left.result == "0\n");
    auto sessions = co_await process.list_sessions();
    CHECK(sessions.empty());
  });
}
