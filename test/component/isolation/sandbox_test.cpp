#include <boost/asio/co_spawn.hpp>
#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "daytona/error.hpp"
#include "isolation_fixture.hpp"

namespace fs = std::filesystem;

namespace daytona::local::test {

namespace {

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a sandbox runs as daytona in its home, with nothing of this process's environment") {
  ::setenv("DAYTONA_TEST_SECRET", "of the machine", 1);
  isolation_fixture fixture;
  const auto sandbox = fixture.launch("one", {{"DAYTONA_SANDBOX_ID", "one"}});

  CHECK(fixture.output_of(sandbox, "whoami; id -u; id -g; pwd; echo $HOME $USER $SHELL; hostname") ==
        "daytona\n1000\n1000\n/home/daytona\n/home/daytona daytona /bin/bash\none\n");
  CHECK(fixture.output_of(sandbox, "echo $DAYTONA_SANDBOX_ID $DAYTONA_TEST_SECRET") == "one\n");
  CHECK(fixture.output_of(sandbox, "echo $HTTP_PROXY $https_proxy") == "http://127.0.0.1:3128 http://127.0.0.1:3128\n");
}

TEST_CASE("nothing of the machine's accounts, secrets and processes is seen inside") {
  isolation_fixture fixture;
  const auto sandbox = fixture.launch("one");

  CHECK(fixture.output_of(sandbox, "cut -d: -f3 /etc/passwd | awk '$1 > 999'") == "65534\n1000\n");
  CHECK(fixture.output_of(sandbox, "ls -A /home") == "daytona\n");
  CHECK(contains(fixture.output_of(sandbox, "ls -A /root 2>&1 | head -1"),
                 strongest_mode() == isolation_mode::shifted ? "Permission denied" : ""));
  CHECK(fixture.output_of(sandbox, "ls /var/lib | sort | tr '\\n' ' '") == "apt dpkg misc pam ucf ");
  CHECK(fixture.output_of(sandbox, "ls -d /proc/[0-9]* | wc -l").size() <= 3);
  CHECK(fixture.output_of(sandbox, "cat /proc/1/environ 2>/dev/null | wc -c") == "0\n");
  CHECK(fixture.output_of(sandbox, "ls -d " + fixture.data().string() + " 2>/dev/null") == "");
}

TEST_CASE("sudo makes root, who may change what the sandbox sees of the machine, and changes nothing outside") {
  isolation_fixture fixture{strongest_mode()};
  const auto sandbox = fixture.launch("one");
  if (strongest_mode() != isolation_mode::shifted) {  // there is no root inside
    CHECK(fixture.output_of(sandbox, "sudo -n touch /usr/bin/mine 2>/dev/null || echo no") == "no\n");
    CHECK_FALSE(fs::exists("/usr/bin/mine"));
    return;
  }

  CHECK(fixture.output_of(sandbox, "sudo -n id -u") == "0\n");
  CHECK(fixture.output_of(sandbox, "sudo -n cat /etc/shadow | wc -l") == "2\n");
  CHECK(fixture.output_of(sandbox, "sudo -n touch /usr/bin/mine && ls -l /usr/bin/mine | cut -d' ' -f3") == "root\n");
  CHECK_FALSE(fs::exists("/usr/bin/mine"));
  CHECK_FALSE(fs::exists(base_of_this_run() / "usr/bin/mine"));
}

TEST_CASE("two sandboxes see nothing of each other") {
  isolation_fixture fixture;
  const auto first = fixture.launch("first");
  const auto second = fixture.launch("second");
  fixture.output_of(first, "echo mine > ~/file; echo mine > /tmp/file; (sleep 60 >/dev/null 2>&1 &)");

  CHECK(fixture.output_of(second, "ls ~ /tmp; pgrep sleep") == "/home/daytona:\n\n/tmp:\n");
}

TEST_CASE("the layers survive a stop, /tmp and new top folders included, and the processes don't") {
  isolation_fixture fixture;
  auto sandbox = fixture.launch("one");
  fixture.output_of(sandbox,
                    "echo kept > ~/file; echo kept > /tmp/file; (sudo -n tee /etc/file || tee /etc/file) <<< kept; "
                    "(sleep 60 >/dev/null 2>&1 &)");

  fixture.run(fixture.helper().stop("one", false));
  sandbox = fixture.launch("one");

  CHECK(fixture.output_of(sandbox, "cat ~/file /tmp/file /etc/file; pgrep sleep") == "kept\nkept\nkept\n");
}

TEST_CASE("a stop lets processes end by themselves, and ends those that don't after the grace") {
  isolation_fixture fixture;
  const auto sandbox = fixture.launch("one");
  fixture.output_of(sandbox,
                    "mkfifo up\n"
                    "(trap 'echo told > ~/told; exit' TERM; echo > up; sleep infinity & wait) >/dev/null 2>&1 &\n"
                    "cat up\n"
                    "(trap '' TERM; echo > up; exec sleep infinity) >/dev/null 2>&1 &\n"
                    "cat up");

  fixture.run(fixture.helper().stop("one", false, std::chrono::milliseconds{300}));

  CHECK(only_the_helper_is_left());
  CHECK(fixture.output_of(fixture.launch("one"), "cat ~/told") == "told\n");
}

TEST_CASE("a removal deletes everything, files of other users and closed folders too") {
  isolation_fixture fixture;
  const auto sandbox = fixture.launch("one");
  fixture.output_of(sandbox,
                    "mkdir -p ~/closed/inner ~/kept; touch ~/closed/inner/file ~/kept/file; chmod 0 ~/closed/inner "
                    "~/closed; chmod 500 "
                    "~/kept; ln -s /etc ~/link;"
                    "sudo -n mkdir -p /srv/deep /root/closed 2>/dev/null");

  fixture.run(fixture.helper().remove("one", fixture.directory_of("one")));

  CHECK_FALSE(fs::exists(fixture.directory_of("one")));
  CHECK(fs::exists("/etc/passwd"));
  CHECK(only_the_helper_is_left());
  for (const auto& entry : fs::directory_iterator{fixture.data()})
    CHECK_FALSE(entry.path().filename().string().starts_with("removed"));
}

TEST_CASE("python exists, pip's marker is hidden, and node runs") {
  isolation_fixture fixture;
  const auto sandbox = fixture.launch("one");

  CHECK(fixture.output_of(sandbox, "python -c 'print(1+1)'; python3 -c 'print(2+2)'") == "2\n4\n");
  CHECK(fixture.output_of(sandbox, "ls /usr/lib/python3*/EXTERNALLY-MANAGED 2>/dev/null") == "");
  CHECK(fixture.output_of(sandbox, "python3 -m pip --version | cut -d' ' -f1") == "pip\n");
  CHECK(fixture.output_of(sandbox, "node -e 'console.log(6*7)'") == "42\n");
}

TEST_CASE("what can't work names what, where and the remedy") {
  host_helper_options options;
  asio::io_context io;
  std::string message;
  const auto try_start = [&]() -> asio::awaitable<void> {
    try {
      co_await host_helper::start(options);
    } catch (const daytona::error& failure) {
      message = failure.what();
    }
  };
  const auto message_of = [&] {
    asio::co_spawn(io, try_start(), [](std::exception_ptr) {});
    io.run();
    io.restart();
    return message;
  };

  options.program = "/nowhere/daytona-toolbox";
  options.data_directory = "/tmp";
  CHECK(contains(message_of(), "/nowhere/daytona-toolbox (set server_options::toolbox or DAYTONA_TOOLBOX"));

  options.program = std::getenv("DAYTONA_TOOLBOX");
  options.data_directory = "/proc";
  const auto unfit = message_of();
  CHECK(contains(unfit, "/proc"));
  CHECK(contains(unfit, "Remedy: "));
}

}  // namespace daytona::local::test
