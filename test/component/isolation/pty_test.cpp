// PTYs as the toolbox keeps them, without a sandbox around: real terminals and shells, clients in the test, and time as it likes.
#include "pty_fixture.hpp"

namespace daytona::local::test {

TEST_CASE("S12: a client that reads nothing makes its terminal wait, and misses nothing") {
  still_pty_fixture fixture;
  const auto client = fixture.make("a")->attach();
  fixture.type(fixture.all->find("a"), three_megabytes);
  fixture.until([&] { return client->waiting() >= 256 * 1024; });

  fixture.pass(3600s);

  CHECK(client->waiting() < 256 * 1024 + 33 * 1024);
  CHECK_FALSE(client->was_dropped());
  const auto seen = fixture.read(client);
  CHECK(seen.find(std::string(3'000'000, 'x')) != std::string::npos);
  CHECK(client->has_ended()->exit_code == 4);
}

TEST_CASE("S12: who takes nothing for 10 s is dropped once it holds up others, who miss nothing") {
  still_pty_fixture fixture;
  const auto terminal = fixture.make("a");
  const auto dead = terminal->attach();
  const auto slow = terminal->attach();
  const auto quick = terminal->attach();
  std::string seen, seen_slowly;
  fixture.type(terminal, three_megabytes);
  fixture.until([&] {
    seen += pty_fixture::take(quick);
    return dead->waiting() >= 256 * 1024;
  });

  fixture.pass(5s);
  seen_slowly += pty_fixture::take(slow);
  fixture.pass(4s);
  CHECK_FALSE(dead->was_dropped());
  fixture.pass(3s);

  CHECK(dead->was_dropped());
  CHECK_FALSE(slow->was_dropped());
  fixture.until([&] {
    seen += pty_fixture::take(quick);
    seen_slowly += pty_fixture::take(slow);
    return quick->has_ended().has_value();
  });
  seen += pty_fixture::take(quick);
  seen_slowly += pty_fixture::take(slow);
  CHECK(seen.find(std::string(3'000'000, 'x')) != std::string::npos);
  CHECK(seen == seen_slowly);
}

TEST_CASE("S3: what a shell puts out last comes before its end, however many read") {
  pty_fixture fixture;
  for (int round = 0; round < 10; ++round) {
    const auto terminal = fixture.make("a");
    const auto one = terminal->attach();
    const auto other = terminal->attach();
    fixture.type(terminal, "stty -echo; exec sh -c 'seq 1 3000; printf last-words'\n");
    fixture.until([&] { return one->has_ended().has_value(); });
    const auto seen = pty_fixture::take(one);
    CHECK(seen.ends_with("\r\n3000\r\nlast-words"));
    CHECK(pty_fixture::take(other) == seen);
  }
}

TEST_CASE("P7: a shell's end is its exit code, or the signal that ended it") {
  pty_fixture fixture;
  const auto end_of = [&](const std::string& line) {
    const auto client = fixture.make("a")->attach();
    fixture.type(fixture.all->find("a"), line);
    fixture.read(client);
    return client->has_ended()->exit_code;
  };

  CHECK(end_of("exit\n") == 0);
  CHECK(end_of("exit 3\n") == 3);
  CHECK(end_of("kill -KILL $$\n") == 137);
  CHECK(end_of("kill -HUP $$\n") == 129);
  CHECK(end_of("exec sh -c 'kill $$'\n") == 143);
  CHECK(fixture.all->all().empty());
}

TEST_CASE("a shell in a terminal controls it: it has jobs, a size, and Ctrl-C") {
  pty_fixture fixture;
  const auto terminal = fixture.make("a");
  const auto client = terminal->attach();

  fixture.type(terminal, "stty size; sleep 1000 & jobs -p >/dev/null && echo has-\"\"jobs; kill %1\n");
  CHECK(fixture.read(client, "has-jobs").find("24 80\r\n") != std::string::npos);
  terminal->resize({132, 50});
  fixture.type(terminal, "stty size\n");
  fixture.read(client, "50 132\r\n");
  fixture.type(terminal, "sh -c 'echo ready-\"\"to-sleep; exec sleep 1000'\n");
  fixture.read(client, "ready-to-sleep");  // said by what the terminal stops, not by the shell before it begins
  fixture.type(terminal, "\x03");
  fixture.type(terminal, "exit\n");
  fixture.read(client);
  CHECK(client->has_ended()->exit_code == 130);
}

TEST_CASE("a killed PTY leaves no process, disowned ones included, and no descriptor") {
  pty_fixture fixture;
  fixture.kill(fixture.make("first")->request().id);  // what is opened once
  const auto before = open_descriptors_of_ptys();
  const auto terminal = fixture.make("a");
  const auto client = terminal->attach();
  fixture.type(terminal,
               "setsid sleep 1234567 & nohup sleep 1234567 >/dev/null 2>&1 & disown -a; (sleep 1234567 &)\n"
               "echo all-\"\"there\n");
  fixture.read(client, "all-there");

  fixture.kill("a");

  CHECK(client->has_ended()->exit_code == 137);
  CHECK(client->has_ended()->reason == "SIGKILL");
  CHECK(fixture.all->find("a") == nullptr);
  CHECK(std::system("pgrep -f 'slee[p] 1234567' > /dev/null") != 0);
  CHECK(open_descriptors_of_ptys() == before);
}

TEST_CASE("PTYs and clients have their limits, and ids are not used twice") {
  toolbox::pty_limits limits;
  limits.ptys = 2;
  limits.clients = 1;
  pty_fixture fixture{limits};
  const auto refused = [](const std::function<void()>& call) {
    try {
      call();
      return 0U;
    } catch (const http::http_error& error) {
      return error.status();
    }
  };
  const auto terminal = fixture.make("a");
  fixture.make("b");

  CHECK(refused([&] { fixture.make("a"); }) == 409);
  CHECK(refused([&] { fixture.make("c"); }) == 400);
  const auto client = terminal->attach();
  CHECK(refused([&] { terminal->attach(); }) == 400);
  terminal->detach(client);
  CHECK(refused([&] { terminal->attach(); }) == 0);
  fixture.kill("b");
  CHECK(refused([&] { fixture.make("c"); }) == 0);
  fixture.kill("a");
  fixture.kill("c");
}

TEST_CASE("an interactive shell, which heeds no SIGTERM, ends when its terminal is hung up") {
  pty_fixture fixture;
  const auto client = fixture.make("a")->attach();
  fixture.type(fixture.all->find("a"), "echo it-\"\"runs\n");
  fixture.read(client, "it-runs");

  fixture.all->hang_up();

  fixture.read(client);
  CHECK(client->has_ended()->exit_code == 129);
}

TEST_CASE("a directory that can't be entered is said so, and nothing is left of the PTY") {
  pty_fixture fixture;
  const auto before = open_descriptors_of_ptys();
  toolbox::pty_request request;
  request.id = "a";
  request.cwd = "/no/such";

  CHECK_THROWS_WITH_AS(fixture.all->create(request), doctest::Contains("'/no/such': No such file or directory"),
                       http::http_error);
  CHECK(fixture.all->all().empty());
  CHECK(open_descriptors_of_ptys() == before);
}

}  // namespace daytona::local::test
