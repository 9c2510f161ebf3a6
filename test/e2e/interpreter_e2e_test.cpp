#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "live.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;

namespace {

template <class T>
using awaitable = asio::awaitable<T>;

run_code_options in_context(const interpreter_context& context) {
  run_code_options options;
  options.context = context;
  return options;
}

const run_code_options usual;

/// What a program printed.
awaitable<std::string> printed(code_interpreter interpreter, std::string code, run_code_options options) {
  auto ended = co_await interpreter.run_code(code, std::move(options));
  co_return ended.stdout_;
}

/// Waits for a program that must not succeed.
awaitable<error> failure_of(code_interpreter interpreter, std::string code, run_code_options options) {
  std::optional<error> failure;
  try {
    co_await interpreter.run_code(code, std::move(options));
  } catch (const error& e) {
    failure = e;
  }
  REQUIRE(failure.has_value());
  co_return *failure;
}

/// Reads a program to its end, which must not be a good one.
awaitable<error> failure_of(execution_stream program) {
  std::optional<error> failure;
  try {
    while (co_await program.next()) {
    }
  } catch (const error& e) {
    failure = e;
  }
  REQUIRE(failure.has_value());
  co_return *failure;
}

}  // namespace

TEST_CASE("a Python context keeps its state, and tells output, order and exceptions as they are") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    auto interpreter = sandbox.code_interpreter();
    std::string order;
    run_code_options options;
    options.on_stdout = [&](const output_message& said) { order += "out:" + said.output; };
    options.on_stderr = [&](const output_message& said) { order += "err:" + said.output; };
    options.on_error = [&](const execution_error& raised) { order += raised.name; };
    co_await interpreter.run_code("import sys\nx = 41\ndef f(): raise ValueError(f'bad {x + 1}')");
    auto ended = co_await interpreter.run_code(
        "print('a'); print('b', file=sys.stderr)\nprint('c')\nprint('d', file=sys.stderr)\nf()", options);

    CHECK(ended.stdout_ == "a\nc\n");
    CHECK(ended.stderr_ == "b\nd\n");
    REQUIRE(ended.error.has_value());
    CHECK(ended.error->name == "ValueError");
    CHECK(ended.error->value == "bad 42");
    CHECK(ended.error->traceback ==
          "Traceback (most recent call last):\n  File \"<stdin>\", line 4\n  File \"<stdin>\", line 3\nValueError: bad "
          "42\n");
    CHECK(order == "out:a\nerr:b\nout:c\nerr:d\nValueError");
  });
}

TEST_CASE("I1: a Python program that outlives its timeout is a timeout_error with its output; its context goes on") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    auto interpreter = sandbox.code_interpreter();
    co_await interpreter.run_code("x = 41");
    run_code_options options;
    options.timeout = 1s;
    const std::string endless = "print('so far')\nx += 1\nwhile True: pass";
    auto failure = co_await failure_of(interpreter, endless, options);
    CHECK(failure.code() == errc::process_execution_timeout);
    CHECK(failure.details().stdout_ == "so far\n");
    auto left = co_await printed(interpreter, "print(x)", usual);
    CHECK(left == "42\n");
  });
}

TEST_CASE("I1: a Python context survives 100 interrupts") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    auto interpreter = sandbox.code_interpreter();
    co_await interpreter.run_code("import os, signal\ncount = 0");
    const std::string interrupted = "count += 1\nos.kill(os.getpid(), signal.SIGINT)\nwhile True: pass";
    for (int n = 0; n < 99; ++n) {
      auto failure = co_await failure_of(interpreter, interrupted, usual);
      CHECK(failure.code() == errc::process_execution_timeout);
    }
    run_code_options options;
    options.timeout = 1s;
    const std::string silent = "count += 1\nimport time; time.sleep(1000)";
    auto last = co_await failure_of(interpreter, silent, options);
    CHECK(last.code() == errc::process_execution_timeout);
    auto left = co_await printed(interpreter, "print(count)", usual);
    CHECK(left == "100\n");
  });
}

TEST_CASE(
    "two Python contexts run beside each other, the programs of one behind each other; variables are each program's") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    auto interpreter = sandbox.code_interpreter();
    co_await sandbox.process().exec("mkfifo /tmp/gate");
    create_context_options place;
    place.cwd = "/tmp";
    auto first = co_await interpreter.create_context(place);
    auto second = co_await interpreter.create_context();
    auto held = co_await interpreter.stream_code("print('in')\ny = open('gate').read()", in_context(first));
    auto begun = co_await held.next();
    CHECK(begun->text == "in\n");
    auto behind = co_await interpreter.stream_code("print(y)", in_context(first));

    auto beside = in_context(second);
    beside.envs["WORD"] = "opened";
    const std::string opens = "import os\nprint('y' in globals())\nopen('/tmp/gate', 'w').write(os.environ['WORD'])";
    auto apart = co_await printed(interpreter, opens, beside);
    CHECK(apart == "False\n");
    auto end = co_await held.next();
    CHECK_FALSE(end.has_value());
    auto read = co_await behind.next();
    CHECK(read->text == "opened\n");
    auto word = co_await printed(interpreter, "print(os.environ.get('WORD'))", in_context(second));
    CHECK(word == "None\n");
    auto contexts = co_await interpreter.list_contexts();
    CHECK(contexts.size() == 2);
    CHECK(contexts.front().active);
  });
}

TEST_CASE("I2: a Python context that is deleted ends its program and all that it started, and is unknown afterwards") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    auto interpreter = sandbox.code_interpreter();
    auto context = co_await interpreter.create_context();
    auto options = in_context(context);
    auto program = co_await interpreter.stream_code(
        "import subprocess, time\nsubprocess.Popen(['sleep', '6543']); subprocess.run(['setsid', '-f', 'sleep', "
        "'6543'])\nprint('run', flush=True)\ntime.sleep(1000)",
        options);
    auto begun = co_await program.next();
    CHECK(begun->text == "run\n");

    co_await interpreter.delete_context(context);

    auto failure = co_await failure_of(program);
    CHECK(failure.code() == errc::connection_lost);
    CHECK(failure.close_code() == 1001);
    auto left = co_await sandbox.process().exec("cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c 'slee[p] 6543 '");
    CHECK(left.result == "0\n");
    auto unknown = co_await failure_of(interpreter, "1", options);
    CHECK(unknown.code() == errc::bad_request);
    auto contexts = co_await interpreter.list_contexts();
    CHECK(contexts.empty());
  });
}

TEST_CASE("S3: what a Python program put out before its interpreter died is told, and the context has another one") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    auto interpreter = sandbox.code_interpreter();
    auto died =
        co_await failure_of(interpreter, "print('x' * 100000)\nimport os; os.system('echo child'); os._exit(3)", usual);
    CHECK(died.code() == errc::connection_lost);
    CHECK(died.details().stdout_.size() == 100'007);
    auto crashed = co_await failure_of(interpreter, "import ctypes; ctypes.string_at(0)", usual);
    CHECK(std::string{crashed.what()}.find("signal 11") != std::string::npos);
    auto grown = co_await failure_of(interpreter, "x = [b'x' * (64 << 20) for n in range(64)]", usual);
    CHECK(std::string{grown.what()}.find("over the memory limit") != std::string::npos);
    auto fresh = co_await printed(interpreter, "print('os' in globals())", usual);
    CHECK(fresh == "False\n");
    auto whole = co_await interpreter.run_code("exit()");
    CHECK_FALSE(whole.error.has_value());
  });
}

TEST_CASE("S12: a Python program waits for a client that is slow, and runs to its end without one that has left") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    auto interpreter = sandbox.code_interpreter();
    const std::string prints = "for i in range(300000): print('z' * 60)\nopen('/tmp/done', 'w').write('x')";
    {
      auto slow = co_await interpreter.stream_code(prints);
      auto first = co_await slow.next();
      CHECK(first.has_value());
      auto early = co_await sandbox.process().exec("ls /tmp/done");
      CHECK(early.exit_code != 0);
      std::size_t size = first->text.size();
      while (auto event = co_await slow.next()) size += event->text.size();
      CHECK(size == 300'000 * 61);
    }
    {
      auto left = co_await interpreter.stream_code("import os; os.remove('/tmp/done')\n" + prints);
      auto first = co_await left.next();
      CHECK(first.has_value());
    }
    auto behind = co_await printed(interpreter, "print(os.path.exists('/tmp/done'))", usual);
    CHECK(behind == "True\n");
  });
}
