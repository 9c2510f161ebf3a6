#include <boost/json/array.hpp>
#include <doctest/doctest.h>

#include "session_fixture.hpp"

namespace json = boost::json;

namespace daytona::local::test {

using std::string_literals::operator""s;

TEST_CASE("a session keeps its folder, variables, functions and aliases from command to command") {
  session_fixture fixture;

  const auto first =
      fixture.execute("cd /tmp; export A='1 2'; b=3; f() { echo fn; }; echo out; echo err >&2; (exit 42)");

  CHECK(first.status == 200);
  CHECK(first.json().at("stdout") == "out\n");
  CHECK(first.json().at("stderr") == "err\n");
  CHECK(first.json().at("exitCode") == 42);
  CHECK(fixture.stdout_of("pwd; echo \"$A $b\"; f; echo $?") == "/tmp\n1 2 3\nfn\n0\n");
  CHECK(fixture.execute("return 5").json().at("exitCode") == 5);
  CHECK(fixture.execute("if").json().at("exitCode") != 0);
  CHECK(fixture.execute("nothing_of_that_name").json().at("exitCode") == 127);
}

TEST_CASE("P1: a command that is waited for sees the end of its input, and can't read the session's other commands") {
  session_fixture fixture;

  CHECK(fixture.stdout_of("read x || echo end; cat; test -t 1 || echo no terminal") == "end\nno terminal\n");
  CHECK(fixture.stdout_of("echo next") == "next\n");
}

TEST_CASE(
    "P4: a command of two megabytes with a here-document arrives unchanged, and output of a megabyte comes back") {
  session_fixture fixture;

  CHECK(fixture.stdout_of(": " + std::string(2 * 1024 * 1024, 'y') + "\ncat <<'X'\n$A '\\\nX") == "$A '\\\n");
  CHECK(fixture.stdout_of("head -c 1000000 /dev/zero | tr '\\0' x; printf 'a\\000b'") ==
        std::string(1'000'000, 'x') + "a\0b"s);
}

TEST_CASE("P2: exit ends the session with the command's exit code and output, and what comes after is told so") {
  session_fixture fixture;

  const auto last = fixture.execute("echo bye; exit 3");

  CHECK(last.status == 200);
  CHECK(last.json().at("exitCode") == 3);
  CHECK(last.json().at("stdout") == "bye\n");
  CHECK(fixture.told(fixture.execute("echo x")) == "410 SESSION_ENDED");
  CHECK(fixture.request("GET", "/s").json().at("commands").at(0).at("exitCode") == 3);
  CHECK(fixture.request("DELETE", "/s").status == 204);
  CHECK(fixture.create("s").status == 201);
}

TEST_CASE("P2: set -e ends the session at the first failure, and a queued command is told that it has not run") {
  session_fixture fixture;
  const auto first = fixture.start("read line; set -e; false; echo never");
  const auto second = fixture.start("echo never");

  CHECK(fixture.input(first, "go").status == 204);

  const auto answer = fixture.execute("echo never");
  CHECK(fixture.told(answer) == "410 SESSION_ENDED");
  CHECK(fixture.exit_code_of(first) == 1);
  CHECK(fixture.exit_code_of(second) == -1);
  const auto logs = fixture.request("GET", second + "/logs").json();
  CHECK(logs.at("stdout") == "");
  CHECK(logs.at("stderr").as_string().find("has not run") != std::string::npos);
  CHECK(fixture.told(fixture.input(second, "x")) == "410 SESSION_ENDED");
}

TEST_CASE("P2: a shell that is killed, or becomes another program, ends the session in the same way") {
  session_fixture fixture;
  CHECK(fixture.create("other").status == 201);

  CHECK(fixture.execute("kill -9 $$").json().at("exitCode") == -1);
  CHECK(fixture.told(fixture.execute("echo x")) == "410 SESSION_ENDED");
  CHECK(fixture.execute("exec sh -c 'echo another; exit 7'", "other").json().at("exitCode") == 7);
  CHECK(fixture.told(fixture.execute("echo x", "other")) == "410 SESSION_ENDED");
}

TEST_CASE("P3, S3: the exit code is not known before the last process that holds the output has ended") {
  session_fixture fixture;
  fixture.execute("mkfifo /tmp/gate");
  const auto command = fixture.start("(read x < /tmp/gate; echo late) & echo now; false");
  CHECK(fixture.create("other").status == 201);
  CHECK(fixture.stdout_of(
            "while ! pgrep -f '[g]ate' >/dev/null && ! grep -q now ~/.daytona/sessions/s/*/output.log; do :; done",
            "other") == "");

  const auto before = fixture.request("GET", command).json();
  fixture.execute("echo > /tmp/gate", "other");
  const auto after = fixture.execute("echo third");

  CHECK_FALSE(before.as_object().contains("exitCode"));
  CHECK(after.json().at("stdout") == "third\n");
  CHECK(fixture.request("GET", command).json().at("exitCode") == 1);
  CHECK(fixture.request("GET", command + "/logs").json().at("stdout") == "now\nlate\n");
}

TEST_CASE("P10: commands run one after the other, in the order in which they were asked for") {
  session_fixture fixture;
  const auto first = fixture.start("read x; echo first >> /tmp/order");
  const auto second = fixture.start("echo second >> /tmp/order");

  CHECK(fixture.told(fixture.input(second, "x")) == "500 INTERNAL_SERVER_ERROR");
  CHECK_FALSE(fixture.request("GET", second).json().as_object().contains("exitCode"));
  CHECK(fixture.request("GET", second + "/logs").json().at("output") == "");
  CHECK(fixture.input(first, "go").status == 204);

  CHECK(fixture.stdout_of("cat /tmp/order") == "first\nsecond\n");
  CHECK(fixture.request("GET", "/s").json().at("commands").as_array().size() == 3);
}

TEST_CASE("input reaches the command, and its log unless that is suppressed; a command that is over takes none") {
  session_fixture fixture;
  const auto command = fixture.start("read x; echo got:$x");
  const auto quiet = fixture.request(
      "POST", "/s/exec",
      session_fixture::text({{"command", "read x; echo got:$x"}, {"runAsync", true}, {"suppressInputEcho", true}}));
  const auto quiet_path = "/s/command/" + std::string{quiet.json().at("cmdId").as_string()};

  CHECK(fixture.input(command, "abc").status == 204);
  while (fixture.input(quiet_path, "q\n").status == 500) {  // not its turn yet
  }
  fixture.execute("true");

  CHECK(fixture.request("GET", command + "/logs").json().at("output") ==
        "\x01\x01\x01"
        "abc\n\x01\x01\x01got:abc\n");
  CHECK(fixture.request("GET", quiet_path + "/logs").json().at("output") == "\x01\x01\x01got:q\n");
  CHECK(fixture.told(fixture.input(command, "abc")) == "410 COMMAND_ALREADY_COMPLETED");
  CHECK(fixture.told(fixture.input("/s/command/nope", "abc")) == "404 NOT_FOUND");
  CHECK(fixture.told(fixture.input(command, "")) == "400 INVALID_REQUEST_BODY");
}

TEST_CASE("input of any size arrives as a whole, as fast as the command reads") {
  session_fixture fixture;
  const auto command = fixture.request(
      "POST", "/s/exec",
      session_fixture::text({{"command", "head -c 1000001 | cksum"}, {"runAsync", true}, {"suppressInputEcho", true}}));
  const auto path = "/s/command/" + std::string{command.json().at("cmdId").as_string()};

  while (fixture.input(path, std::string(1'000'000, 'i')).status == 500) {
  }

  const auto wanted = fixture.stdout_of("(head -c 1000000 /dev/zero | tr '\\0' i; echo) | cksum");
  CHECK(fixture.request("GET", path + "/logs").json().at("stdout").as_string() == wanted);
}

TEST_CASE("a session with an id that is no name of a file is one like others") {
  session_fixture fixture;
  CHECK(fixture.create("../a b/\xC3\xA9").status == 201);

  CHECK(fixture.stdout_of("echo here", "..%2Fa%20b%2F%C3%A9") == "here\n");
  CHECK(fixture.told(fixture.create(std::string(300, 'x'))) == "400 INVALID_REQUEST_BODY");
  CHECK(fixture.told(fixture.create("a\0b"s)) == "400 INVALID_REQUEST_BODY");
  CHECK(fixture.told(fixture.create("")) == "400 INVALID_REQUEST_BODY");
  CHECK(fixture.told(fixture.create("s")) == "409 CONFLICT");
  CHECK(fixture.told(fixture.create("entrypoint")) == "400 BAD_REQUEST");
  CHECK(fixture.request("DELETE", "/..%2Fa%20b%2F%C3%A9").status == 204);
}

TEST_CASE("sessions and logs have limits, which are told when they are reached") {
  session_fixture fixture{R"({"maxSessions":2,"maxLogSize":100000})"};
  CHECK(fixture.create("second").status == 201);

  const auto third = fixture.create("third");
  const auto long_one = fixture.execute("yes | head -c 1000000; exit_code=4; (exit $exit_code)");

  CHECK(fixture.told(third) == "400 BAD_REQUEST");
  CHECK(long_one.json().at("exitCode") == 4);
  CHECK(long_one.body.size() < 1'000'000);
  CHECK(long_one.json().at("stderr").as_string().find("a log may have 100000 bytes") != std::string::npos);
}

TEST_CASE("the entrypoint runs from the start on, in a session of its own that is only to be looked at") {
  session_fixture fixture{R"({"entrypoint":["bash","-c","echo entry out; echo entry err >&2; read x; echo $x"]})"};
  fixture.execute("while ! grep -q err ~/.daytona/sessions/entrypoint/*/output.log; do :; done");

  const auto shown = fixture.request("GET", "/entrypoint").json();

  CHECK(shown.at("commands").at(0).at("id") == "entrypoint_command");
  CHECK(shown.at("commands").at(0).at("command") ==
        "'bash' '-c' 'echo entry out; echo entry err >&2; read x; echo $x'");
  CHECK_FALSE(shown.at("commands").at(0).as_object().contains("exitCode"));
  CHECK(fixture.request("GET", "/entrypoint/logs").json().at("stderr") == "entry err\n");
  CHECK(fixture.request("GET", "/entrypoint/command/entrypoint_command").status == 200);
  CHECK(fixture.told(fixture.execute("true", "entrypoint")) == "400 BAD_REQUEST");
  CHECK(fixture.told(fixture.request("DELETE", "/entrypoint")) == "400 BAD_REQUEST");
  CHECK(fixture.told(fixture.input("/entrypoint/command/entrypoint_command", "x")) == "400 BAD_REQUEST");
  CHECK(fixture.request("GET", "").json().as_array().size() == 1);
  CHECK(fixture.stdout_of("env | grep TOOLBOX") == "");
}

TEST_CASE("without an entrypoint its session is unknown") {
  session_fixture fixture;

  CHECK(fixture.told(fixture.request("GET", "/entrypoint")) == "404 NOT_FOUND");
  CHECK(fixture.told(fixture.request("GET", "/entrypoint/logs")) == "404 NOT_FOUND");
}

TEST_CASE("a session goes on though its user deleted its files, and its shell does not fail on odd options") {
  session_fixture fixture;

  fixture.execute("rm -rf ~/.daytona; set -u; printf() { echo mine; }; trap 'echo trap >&2' DEBUG");

  CHECK(fixture.stdout_of("echo here") == "here\n");
}

}  // namespace daytona::local::test
