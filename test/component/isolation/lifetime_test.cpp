#include <boost/asio/co_spawn.hpp>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

#include "daytona/error.hpp"
#include "isolation_fixture.hpp"
#include "local/isolation/remove_tree.hpp"

namespace fs = std::filesystem;

namespace daytona::local::test {

namespace {

std::string mounts() { return content("/proc/self/mounts"); }

// As root where there is one.
const std::string change_etc = "(sudo -n tee /etc/changed || tee /etc/changed) <<< kept >/dev/null 2>&1";

/// A server's life up to its violent end: a helper, a sandbox, and in it a process that left its group. Tells `report` of all of them.
[[noreturn]] void live_until_killed(const fs::path& data, int report) {
  asio::io_context io;
  host_helper_options options;
  options.program = std::getenv("DAYTONA_TOOLBOX");
  options.data_directory = data;
  options.base = base_of_this_run();
  const auto work = [&]() -> asio::awaitable<void> {
    const auto helper = co_await host_helper::start(options);
    sandbox_launch what;
    what.id = "one";
    what.directory = data / "sandboxes" / "one";
    const auto channel = co_await helper.launch(what);
    const std::string command = "setsid sleep 60 >/dev/null 2>&1 & " + change_etc + "; echo up";
    const auto output = co_await output_of(channel, command);
    const auto all = descendants(::getpid());
    [[maybe_unused]] const auto written = ::write(report, all.data(), all.size() * sizeof(pid_t));
    if (output != "up\n") ::_exit(1);
    for (;;) ::pause();
  };
  asio::co_spawn(io, work(), [](std::exception_ptr) {});
  io.run();
  ::_exit(1);
}

}  // namespace

TEST_CASE(
    "kill -9 of the process that owns the helper leaves no process and no mount, and what was changed is there for the "
    "next one") {
  const auto data = std::make_shared<data_folder>();
  const auto mounts_before = mounts();
  int report[2] = {-1, -1};
  REQUIRE(::pipe2(report, O_CLOEXEC) == 0);
  const pid_t owner = ::fork();
  if (owner == 0) live_until_killed(data->path, report[1]);
  ::close(report[1]);
  std::array<pid_t, 16> reported{};
  const auto size = ::read(report[0], reported.data(), sizeof reported);
  ::close(report[0]);
  std::vector<unique_fd> watched;
  for (std::size_t n = 0; n < static_cast<std::size_t>(size) / sizeof(pid_t); ++n)
    watched.push_back(watch(reported[n]));

  ::kill(owner, SIGKILL);
  int status = 0;
  REQUIRE(::waitpid(owner, &status, 0) == owner);

  CHECK(WIFSIGNALED(status));
  CHECK(watched.size() >= 3);  // the helper, PID 1, the process inside
  CHECK(std::ranges::all_of(watched, ends));
  CHECK(mounts() == mounts_before);
  isolation_fixture next{strongest_mode(), data};
  CHECK(next.output_of(next.launch("one"), "cat /etc/changed") == "kept\n");
}

TEST_CASE("what a helper did not come to delete is deleted by the next one") {
  const auto data = std::make_shared<data_folder>();
  fs::create_directories(data->path / "removed-1" / "inner");

  isolation_fixture fixture{strongest_mode(), data};

  CHECK(only_the_helper_is_left());
  CHECK_FALSE(fs::exists(data->path / "removed-1"));
}

TEST_CASE("the death of the helper ends every sandbox and is told once") {
  isolation_fixture fixture;
  const auto sandbox = fixture.launch("one");
  int times = 0;
  fixture.helper().on_lost([&](const std::string&) { ++times; });

  ::kill(descendants(::getpid()).front(), SIGKILL);
  while (times == 0) fixture.io.run_one();

  CHECK_THROWS_AS(fixture.run(sandbox.next_egress()), connection_error);
  CHECK_THROWS_AS(fixture.launch("two"), daytona::error);
  CHECK(times == 1);
}

TEST_CASE("a sandbox ends with the helper even if its PID 1 hangs") {
  isolation_fixture fixture;
  const auto sandbox = fixture.launch("one");
  fixture.output_of(sandbox, "echo");  // it is up now
  const auto processes = descendants(::getpid());
  REQUIRE(processes.size() >= 2);
  const auto first = watch(processes.back());  // the helper's youngest child
  ::kill(processes.back(), SIGSTOP);
  int times = 0;
  fixture.helper().on_lost([&](const std::string&) { ++times; });

  ::kill(processes.front(), SIGKILL);
  while (times == 0) fixture.io.run_one();

  const bool ended = ends(first);
  if (!ended) ::kill(processes.back(), SIGKILL);
  CHECK(ended);
}

TEST_CASE("a sandbox whose PID 1 dies by itself is told of, one that is asked to end is not") {
  isolation_fixture fixture;
  const auto sandbox = fixture.launch("one");
  const auto other = fixture.launch("other");
  std::string gone;
  fixture.helper().on_exit([&](const std::string& id, const std::string&) { gone += id; });

  fixture.run(fixture.helper().stop("other", true));
  sandbox.close();
  while (gone.empty()) fixture.io.run_one();

  CHECK(gone == "one");
  CHECK(only_the_helper_is_left());
}

TEST_CASE("PID 1 reaps what is orphaned") {
  isolation_fixture fixture;
  const auto sandbox = fixture.launch("one");

  // Each orphan holds the pipe: at its end they all are about to end.
  const std::string orphans = "for i in 1 2 3; do (setsid sh -c 'echo $$' &); done | cat | wc -l";
  CHECK(fixture.output_of(sandbox, orphans) == "3\n");

  const std::string dead = "grep -l 'State:.Z' /proc/[0-9]*/status 2>/dev/null";
  const std::string look_again = "for i in $(seq 1000); do [ -n \"$(" + dead + ")\" ] || exit 0; done; " + dead;
  CHECK(fixture.output_of(sandbox, look_again) == "");
}

TEST_CASE("connections to 127.0.0.1:3128 inside come out over the channel") {
  isolation_fixture fixture;
  const auto sandbox = fixture.launch("one");
  const std::string command = "exec 5<>/dev/tcp/127.0.0.1/3128; echo hello >&5; head -1 <&5";
  std::string answer;
  asio::co_spawn(fixture.io, output_of(sandbox, command),
                 [&](std::exception_ptr, std::string text) { answer = std::move(text); });

  auto socket = fixture.run(sandbox.next_egress());
  boost::system::error_code error;
  socket.non_blocking(false);
  std::string said(6, '\0');
  socket.read_some(asio::buffer(said), error);
  socket.write_some(asio::buffer("world\n", 6), error);
  while (answer.empty()) fixture.io.run_one();

  CHECK(said == "hello\n");
  CHECK(answer == "world\n");
}

TEST_CASE("a removed sandbox leaves no descriptor behind") {
  isolation_fixture fixture;
  const auto count = [] { return std::distance(fs::directory_iterator{"/proc/self/fd"}, fs::directory_iterator{}); };
  const auto before = count();
  {
    const auto sandbox = fixture.launch("one");
    fixture.output_of(sandbox, "echo");
  }

  fixture.run(fixture.helper().remove("one", fixture.directory_of("one")));

  CHECK(count() == before);
}

TEST_CASE("plain processes, where asked for, live in the sandbox's folder and end with it, daemons too") {
  isolation_fixture fixture{isolation_mode::none};
  const auto sandbox = fixture.launch("one");
  const auto home = (fixture.directory_of("one") / "root/home/daytona").string();

  CHECK(fixture.output_of(sandbox, "pwd; echo $HOME") == home + "\n" + home + "\n");
  const auto daemon = std::stoi(fixture.output_of(sandbox, "setsid sleep 60 >/dev/null 2>&1 & echo $!"));
  const auto its_end = watch(daemon);
  REQUIRE(its_end);
  fixture.run(fixture.helper().remove("one", fixture.directory_of("one")));

  CHECK(ends(its_end));  // also if it is nobody's child here
  CHECK(only_the_helper_is_left());
}

}  // namespace daytona::local::test
