// What users of a sandbox put where sessions have their files: nothing of it is waited for.
#include <boost/asio/co_spawn.hpp>
#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "escape_fixture.hpp"
#include "session_fixture.hpp"

namespace daytona::local::test {

namespace {

using later_answer = std::shared_ptr<std::optional<http_answer>>;

/// A session `s` that is busy until `go_on`, and a session `other` to do mischief in.
struct busy_session : session_fixture {
  busy_session() {
    CHECK(create("other").status == 201);
    busy_ = start("read line");
  }
  void go_on() { CHECK(input(busy_, "go").status == 204); }

  /// A command of `s` that is waited for, later.
  later_answer ask_for(const std::string& command) {
    const auto before = commands();
    const auto made = std::make_shared<std::optional<http_answer>>();
    const auto fields = "X-Daytona-SDK-Version: 0.226.1\r\n";
    asio::co_spawn(io, ask(sandbox, "POST", "/process/session/s/exec", text({{"command", command}}), fields),
                   [made](std::exception_ptr, http_answer answer) { *made = std::move(answer); });
    while (commands() == before) {
    }
    return made;
  }
  http_answer once_there(const later_answer& answer) {
    while (!answer->has_value()) CHECK(request("GET", "/other").status == 200);
    return **answer;
  }
  std::size_t commands() { return request("GET", "/s").json().at("commands").as_array().size(); }

  /// A FIFO in the place of a file of the command that was asked for last.
  void replace(const std::string& name) {
    const auto listed = request("GET", "/s").json();
    const auto id = std::string{listed.at("commands").as_array().back().at("id").as_string()};
    CHECK(stdout_of("cd ~/.daytona/sessions/s/" + id + " && rm -f " + name + " && mkfifo " + name + " && echo done",
                    "other") == "done\n");
  }
  /// The toolbox goes on, and the session can be deleted.
  void check_is_well() {
    CHECK(stdout_of("echo alive", "other") == "alive\n");
    CHECK(request("DELETE", "/s").status == 204);
    CHECK(stdout_of("ls ~/.daytona/sessions", "other") == "other\n");
  }

 private:
  std::string busy_;
};

}  // namespace

TEST_CASE("a FIFO in the place of a waiting command's script, log, output or input is not waited for: it is not run") {
  for (const std::string name : {"cmd.sh", "output.log", "stdout.pipe", "stderr.pipe", "input.pipe"}) {
    CAPTURE(name);
    busy_session fixture;
    const auto command = fixture.start("echo never");
    fixture.replace(name);

    fixture.go_on();

    CHECK(fixture.exit_code_of(command) == -1);
    const auto log = fixture.request("GET", command + "/logs");
    INFO(log.body);
    if (name == "output.log")
      CHECK(fixture.told(log) == "404 NOT_FOUND");
    else
      CHECK(log.json().at("stderr").as_string().find("has not run: ") != std::string::npos);
    CHECK(log.body.find(name) != std::string::npos);
    CHECK(fixture.stdout_of("echo next") == "next\n");
    fixture.check_is_well();
  }
}

TEST_CASE("who waits for a command whose place somebody has taken is told so") {
  for (const std::string name : {"cmd.sh", "output.log", "stdout.pipe", "stderr.pipe"}) {
    CAPTURE(name);
    busy_session fixture;
    const auto answer = fixture.ask_for("echo never");
    fixture.replace(name);

    fixture.go_on();

    const auto refused = fixture.once_there(answer);
    CHECK(fixture.told(refused) == "500 INTERNAL_SERVER_ERROR");
    CHECK(refused.json().at("message").as_string().starts_with("failed to execute command: "));
    CHECK(refused.body.find(name) != std::string::npos);
    fixture.check_is_well();
  }
}

TEST_CASE("a FIFO in the place of a log is not read, be the command running or over") {
  busy_session fixture;
  fixture.execute("mkfifo /tmp/gate", "other");
  const auto running = fixture.ask_for("echo out; read line < /tmp/gate");
  fixture.go_on();
  fixture.execute("while ! grep -q out ~/.daytona/sessions/s/*/output.log; do :; done", "other");
  fixture.replace("output.log");
  const auto listed = fixture.request("GET", "/s").json();
  const auto path = "/s/command/" + std::string{listed.at("commands").as_array().back().at("id").as_string()};

  const auto while_running = fixture.request("GET", path + "/logs");
  fixture.execute("echo > /tmp/gate", "other");
  const auto whole = fixture.once_there(running);
  const auto when_over = fixture.request("GET", path + "/logs");

  CHECK(while_running.json().at("stdout") == "out\n");
  CHECK(whole.json().at("stdout") == "out\n");
  CHECK(fixture.told(when_over) == "404 NOT_FOUND");
  CHECK(when_over.json().at("message").as_string().find("another file is in the place of") != std::string::npos);
  fixture.check_is_well();
}

TEST_CASE("a FIFO in the place of the folders of sessions refuses sessions and commands, and ends with its sandbox") {
  for (const std::string name : {"", "/sessions", "/sessions/s"}) {
    CAPTURE(name);
    session_fixture fixture;
    const auto place = "~/.daytona" + name;
    fixture.execute("rm -rf " + place + "; mkfifo " + place);

    const auto refused = fixture.execute("echo never");
    const auto made = fixture.create("new");

    CHECK(fixture.told(refused) == "500 INTERNAL_SERVER_ERROR");
    CHECK(refused.json().at("message").as_string().starts_with("failed to execute command: can't store it: "));
    CHECK(made.status == (name == "/sessions/s" ? 201 : 500));
    CHECK(fixture.request("DELETE", "/s").status == 204);
    fixture.run(fixture.helper().stop("one", false));
    const auto again = fixture.launch("one");
    CHECK(fixture.output_of(again, "echo alive") == "alive\n");
  }
}

TEST_CASE("the list of shells may be a FIFO, a device or a terminal: nothing of it is waited for") {
  const std::string become_root = has_root() ? "sudo -n " : "";
  for (const std::string made : {"mkfifo /etc/shells", "ln -s /dev/zero /etc/shells", "ln -s /dev/ptmx /etc/shells"}) {
    CAPTURE(made);
    session_fixture fixture;
    CHECK(fixture.execute(become_root + "rm /etc/shells && " + become_root + made).json().at("exitCode") == 0);

    CHECK(fixture.output_of(fixture.sandbox, "echo alive") == "alive\n");
    CHECK(fixture.create("new").status == 201);
    CHECK(fixture.stdout_of("echo alive", "new") == "alive\n");
  }
}

}  // namespace daytona::local::test
