#include <boost/asio/redirect_error.hpp>
#include <doctest/doctest.h>

#include <string>
#include <variant>

#include "live.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;

namespace {

template <class T>
using awaitable = asio::awaitable<T>;

}  // namespace

TEST_CASE("P1: a command that reads its input ends instead of waiting for ever") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    exec_options options;
    options.timeout = 20s;
    auto answer = co_await sandbox.process().exec("cat; cat; echo done", options);
    CHECK(answer.exit_code == 0);
  });
}

TEST_CASE("P4: long commands, here-documents and odd environments arrive unchanged") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    auto process = sandbox.process();
    const std::string text(2 * 1024 * 1024, 'x');
    auto large = co_await process.exec("cat <<'END' | wc -c\n" + text + "\nEND\n");
    CHECK(large.result == std::to_string(text.size() + 1) + "\n");

    exec_options options;
    options.env["ODD"] = "line\nquote'\"\\ $HOME é";
    auto odd = co_await process.exec("printf %s \"$ODD\"", options);
    CHECK(odd.result == options.env["ODD"]);
  });
}

TEST_CASE("P5: exec of an argument list hands over exactly these arguments") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    std::vector<std::string> argv{"printf", "%s|", "a b", "",  "'",  "\"", "$(id)",
                                  "`id`",   ";ls", "-n",  "*", "\\", "é",  "line\nbreak"};
    auto answer = co_await sandbox.process().exec(argv);
    CHECK(answer.result == "a b||'|\"|$(id)|`id`|;ls|-n|*|\\|é|line\nbreak|");

    code_run_params params;
    params.argv = {"two words", "$HOME", ""};
    auto code = co_await sandbox.process().code_run("import sys; print(sys.argv[1:])", params);
    CHECK(code.result == "['two words', '$HOME', '']\n");
  });
}

TEST_CASE("T5: a command that outlives its timeout is killed with its children") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    exec_options options;
    options.timeout = 1s;
    bool timed_out = false;
    try {
      co_await sandbox.process().exec("sleep 1234 & sleep 1234", options);
    } catch (const timeout_error& e) {
      timed_out = e.code() == errc::process_execution_timeout;
    }
    CHECK(timed_out);
    auto left = co_await sandbox.process().exec("cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c 'slee[p] 1234 '");
    CHECK(left.result == "0\n");
  });
}

TEST_CASE("T5: a command without a timeout has none, and no deadline of another kind ends it") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    auto settings = config::from_env();
    settings.request_timeout = 1s;
    client hasty{settings};
    auto same = co_await hasty.get(sandbox.id());

    auto answer = co_await same.process().exec("sleep 2; echo whole");

    CHECK(answer.result == "whole\n");
  });
}

TEST_CASE("a command runs as daytona, at home, in an environment of its own") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    auto process = sandbox.process();
    auto user = co_await process.exec("id -un; pwd; echo $HOME");
    if (isolation_mode() == "shifted") CHECK(user.result == "daytona\n/home/daytona\n/home/daytona\n");
    auto home = co_await sandbox.get_user_home_dir();
    CHECK(home == "/home/daytona");
    auto work = co_await sandbox.get_work_dir();
    CHECK_FALSE(work.empty());
    auto variables = co_await process.exec("echo $DAYTONA_SANDBOX_ID $DAYTONA_SANDBOX_SNAPSHOT $DAYTONA_SANDBOX_USER");
    CHECK(variables.result.starts_with(sandbox.id()));
  });
}

TEST_CASE("code runs in each language") {
  auto run = [](code_language language, std::string code) {
    create_from_snapshot_params params;
    params.language = language;
    in_sandbox(
        [code](sandbox sandbox) -> awaitable<void> {
          auto answer = co_await sandbox.process().code_run(code);
          CHECK(answer.exit_code == 0);
          CHECK(answer.result == "42\n");
        },
        params);
  };
  run(code_language::python, "print(6 * 7)");
  run(code_language::javascript, "console.log(6 * 7)");
  run(code_language::typescript, "const n: number = 6 * 7; console.log(n)");
}

TEST_CASE("what matplotlib draws comes back typed") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    auto answer = co_await sandbox.process().code_run(
        "import matplotlib.pyplot as plt\nplt.bar(['a', 'b'], [1, 2.5])\nplt.title('T')\nplt.show()\nplt.plot([0, 1], "
        "[2, 3], label='l')\nplt.show()");
    REQUIRE(answer.artifacts.charts.size() == 2);
    const auto& bars = std::get<bar_chart>(answer.artifacts.charts[0]);
    CHECK(bars.title == "T");
    REQUIRE(bars.elements.size() == 2);
    CHECK(bars.elements[1].label == "b");
    CHECK(std::get<double>(bars.elements[1].value.value()) == 2.5);
    CHECK(bars.png.starts_with("\x89PNG"));
    const auto& lines = std::get<line_chart>(answer.artifacts.charts[1]);
    CHECK(lines.elements.at(0).label == "l");
    CHECK(lines.elements.at(0).points.size() == 2);
  });
}

TEST_CASE("fifty commands run at once in one sandbox, from one thread") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    auto executor = co_await asio::this_coro::executor;
    constexpr int commands = 50;
    int done = 0;
    asio::steady_timer all_done(executor, asio::steady_timer::time_point::max());
    for (int n = 0; n < commands; ++n)
      asio::co_spawn(executor, sandbox.process().exec("sleep 0.2; echo " + std::to_string(n)),
                     [&done, &all_done, n](std::exception_ptr failure, execute_response answer) {
                       CHECK_FALSE(failure);
                       CHECK(answer.result == std::to_string(n) + "\n");
                       if (++done == commands) all_done.cancel();
                     });
    boost::system::error_code cancelled;
    co_await all_done.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  });
}
