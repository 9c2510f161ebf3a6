// How sessions end, and what their users can do against it.
#include <doctest/doctest.h>

#include "session_fixture.hpp"

namespace daytona::local::test {

TEST_CASE("deleting a session ends what it started, disowned and stubborn, and removes its files") {
  session_fixture fixture;
  const auto running = fixture.start(
      "nohup sleep 1001 >/dev/null 2>&1 & disown; (trap '' TERM; sleep 1002; sleep 1003) & setsid sleep 1004 & wait");
  CHECK(fixture.create("other").status == 201);
  fixture.execute("while [ $(pgrep -c -f 'sleep 100') -lt 3 ]; do :; done", "other");

  CHECK(fixture.request("DELETE", "/s").status == 204);

  CHECK(fixture.stdout_of("pgrep -f '[s]leep 100'; ls ~/.daytona/sessions", "other") == "other\n");
  CHECK(fixture.told(fixture.request("GET", "/s")) == "404 NOT_FOUND");
  CHECK(fixture.told(fixture.request("DELETE", "/s")) == "404 NOT_FOUND");
  CHECK(fixture.told(fixture.request("GET", running)) == "404 NOT_FOUND");
}

TEST_CASE(
    "deleting a session ends daemons too, which left its group and its processes, also after its shell has ended") {
  session_fixture fixture;
  CHECK(fixture.create("ended").status == 201);
  CHECK(fixture.create("other").status == 201);
  const std::string daemon = "(setsid -f sh -c 'setsid -f env -i /bin/sleep ";
  fixture.execute(daemon + "2001' </dev/null >/dev/null 2>&1)");
  fixture.execute("setsid -f sleep 2002 </dev/null >/dev/null 2>&1; exit 3", "ended");
  fixture.execute("setsid -f sleep 2003 </dev/null >/dev/null 2>&1", "other");
  const std::string daemons = "pgrep -f '[s]leep 200' | wc -l";
  fixture.execute("while [ $(" + daemons + ") -lt 3 ]; do :; done", "other");

  CHECK(fixture.request("DELETE", "/ended").status == 204);
  CHECK(fixture.stdout_of(daemons, "other") == "2\n");
  CHECK(fixture.request("DELETE", "/s").status == 204);
  CHECK(fixture.stdout_of("pgrep -a sleep | cut -d' ' -f2-; pgrep -c daytona-session", "other") == "sleep 2003\n1\n");
}

TEST_CASE("a session whose keeper somebody has ended is deleted like others") {
  session_fixture fixture;
  CHECK(fixture.create("other").status == 201);
  fixture.start("sleep 3001 & wait");
  fixture.execute("while ! pgrep -f '[s]leep 3001' >/dev/null; do :; done", "other");

  fixture.execute("kill -9 $(ps -o ppid= -p $(ps -o ppid= -p $(pgrep -f '[s]leep 3001')))", "other");
  CHECK(fixture.request("DELETE", "/s").status == 204);

  CHECK(fixture.stdout_of("pgrep -f '[s]leep 3001' | wc -l", "other") == "0\n");
}

TEST_CASE("a session whose keeper somebody has stopped tells the end of its shell all the same, and is deleted") {
  session_fixture fixture;
  CHECK(fixture.create("other").status == 201);
  const auto waiting = fixture.start("read line; kill -STOP $PPID; exit 3");
  CHECK(fixture.input(waiting, "go").status == 204);

  CHECK(fixture.exit_code_of(waiting) == -1);  // who could tell is stopped
  CHECK(fixture.told(fixture.execute("echo x")) == "410 SESSION_ENDED");
  CHECK(fixture.request("DELETE", "/s").status == 204);
  CHECK(fixture.stdout_of("pgrep -c daytona-session", "other") == "1\n");
}

TEST_CASE("deleting a session ends a program that starts itself anew without end") {
  session_fixture fixture;
  CHECK(fixture.create("other").status == 201);
  // Twice each, up to a limit: however many of them end at once, those that have just begun are as many again before the next look.
  fixture.execute(
      "printf '#!/bin/sh\\nsetsid -f /tmp/again; setsid -f /tmp/again; sleep 0.01\\n' > /tmp/again; chmod +x "
      "/tmp/again");
  fixture.execute("trap '' TERM; ulimit -u 240; /tmp/again >/dev/null 2>&1 </dev/null");
  fixture.execute("while [ $(pgrep -c -f '[a]gain') -lt 60 ]; do :; done", "other");

  CHECK(fixture.request("DELETE", "/s").status == 204);

  CHECK(fixture.stdout_of("pgrep -c -f '[a]gain'", "other") == "0\n");
}

TEST_CASE("a command for a shell whose input somebody has filled is refused, and the session is deleted") {
  session_fixture fixture;
  CHECK(fixture.create("other").status == 201);
  auto shell = fixture.stdout_of("echo $$");
  shell.pop_back();
  const std::string its_input = "/proc/" + shell + "/fd/0";
  fixture.execute("exec 9<>" + its_input +
                      "; echo sleep 5001 >&9; while ! pgrep -f '[s]leep 5001' >/dev/null; do :; done; "
                      "dd if=/dev/zero of=" +
                      its_input + " bs=4096 count=64 oflag=nonblock 2>/dev/null",
                  "other");

  const auto answer = fixture.execute("echo x");

  CHECK(fixture.told(answer) == "410 SESSION_ENDED");
  CHECK(fixture.request("DELETE", "/s").status == 204);
  CHECK(fixture.stdout_of("pgrep -f '[s]leep 5001' | wc -l", "other") == "0\n");
}

}  // namespace daytona::local::test
