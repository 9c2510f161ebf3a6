#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>

#include "isolation_fixture.hpp"
#include "local/http/listener.hpp"
#include "local/isolation/packet.hpp"
#include "local/toolbox/process/command.hpp"
#include "local/toolbox/service.hpp"

namespace json = boost::json;

namespace daytona::local::test {

namespace {

json::object request(std::initializer_list<std::pair<const char*, json::value>> members) {
  json::object object;
  for (const auto& [name, value] : members) object[name] = value;
  return object;
}

/// One sandbox, and requests to it.
struct process_fixture : isolation_fixture {
  toolbox_channel sandbox = launch("one");

  http_answer post(const std::string& path, const json::object& body) {
    return run(ask(sandbox, "POST", path, json::serialize(body)));
  }
  json::value execute(const json::object& body) { return post("/process/execute", body).json(); }
  json::value code_run(const json::object& body) { return post("/process/code-run", body).json(); }
};

}  // namespace

TEST_CASE("the toolbox tells its version and folders") {
  process_fixture fixture;
  const auto get = [&](const char* path) { return fixture.run(ask(fixture.sandbox, "GET", path)); };

  CHECK(get("/version").body == R"({"version":"0.226.1"})");
  CHECK(get("/user-home-dir").body == R"({"dir":"/home/daytona"})");
  CHECK(get("/work-dir").body == R"({"dir":"/home/daytona"})");
  CHECK(get("/version").headers.contains("x-request-id"));
  CHECK(get("/nope").status == 404);
  CHECK(get("/nope").body == "404 page not found");
  CHECK(get("//version").status == 404);
  CHECK(get("/version/").status == 301);
  CHECK(get("/version/").headers["location"] == "/version");
  CHECK(get("/version/?\"><b>").headers["location"] == "/version?\"><b>");
  CHECK(get("/version/?\"><b>").body == "<a href=\"/version?&#34;&#62;&#60;b&#62;\">Moved Permanently</a>.\n\n");
}

TEST_CASE("the toolbox ends no connection that waits for a request: it could cross one") {
  asio::io_context io;
  auto& clock = net::timers_of(io.get_executor());
  const net::steady_time start{std::chrono::hours{24}};
  clock.use_manual_clock(start);
  toolbox::child_watcher children{io.get_executor()};
  const toolbox::memory_watch memory{io.get_executor(), 0};
  const auto connections = std::make_shared<http::connection_group>(
      io.get_executor(), toolbox::make_service(children, memory, nullptr, nullptr, nullptr));
  boost::system::error_code error;
  auto ends = socket_pair(SOCK_STREAM, error);
  connections->start(http::stream_socket{io.get_executor(), {AF_UNIX, 0}, ends.first.release()});
  io.poll();

  clock.advance_to(start + std::chrono::hours{24 * 30});
  io.poll();

  char byte = 0;
  CHECK(::recv(ends.second.get(), &byte, 1, MSG_DONTWAIT) < 0);
  CHECK(connections->size() == 1);
  connections->close_all();
  io.poll();
}

TEST_CASE("execute: exit codes, order of output, working folder and environment") {
  process_fixture fixture;

  CHECK(fixture.execute(request({{"command", "echo out; echo err >&2; exit 42"}})) ==
        json::value{{"exitCode", 42}, {"result", "out\nerr\n"}});
  CHECK(fixture.execute(request({{"command", "kill -9 $$"}})).at("exitCode") == -1);
  CHECK(fixture.execute(request({{"command", "pwd"}, {"cwd", "/tmp"}})).at("result") == "/tmp\n");
  CHECK(fixture.execute(request({{"command", "pwd"}, {"cwd", "/none"}})) ==
        json::value{{"exitCode", -1}, {"result", "fork/exec /usr/bin/bash: no such file or directory"}});
  CHECK(fixture.execute(request({{"command", "echo $A/$B"}, {"envs", {{"A", "1 2"}, {"B", "x\ny"}}}})).at("result") ==
        "1 2/x y\n");
}

TEST_CASE("P1: a command that reads standard input sees its end") {
  process_fixture fixture;

  CHECK(fixture.execute(request({{"command", "cat"}})) == json::value{{"exitCode", 0}, {"result", ""}});
}

TEST_CASE("P4: a command of two megabytes, a here-document and odd values arrive unchanged") {
  process_fixture fixture;
  const std::string text = ": " + std::string(2 * 1024 * 1024, 'y') + "\ncat <<EOF\n\"$A\"\nEOF";
  const json::string script{text};

  CHECK(fixture.execute(request({{"command", script}, {"envs", {{"A", "'\\\n\xC3\xA9"}}}})).at("result") ==
        "\"'\\\n\xC3\xA9\"\n");
}

TEST_CASE("T5: a timeout kills the whole process group and answers 408") {
  process_fixture fixture;

  const auto answer = fixture.post("/process/execute", request({{"command", "sleep 70 & sleep 71"}, {"timeout", 1}}));

  CHECK(answer.status == 408);
  CHECK(answer.json().at("code") == "PROCESS_EXECUTION_TIMEOUT");
  CHECK(answer.json().at("source") == "DAYTONA_DAEMON");
  CHECK(fixture.execute(request({{"command", "pgrep sleep"}})).at("result") == "");
}

TEST_CASE("T5: a timeout answers though a process that left the group holds the output") {
  process_fixture fixture;

  CHECK(fixture.post("/process/execute", request({{"command", "setsid sleep 70 & sleep 71"}, {"timeout", 1}})).status ==
        408);
}

TEST_CASE("output beyond the limit is cut and says so") {
  process_fixture fixture;

  const auto result =
      fixture.execute(request({{"command", "head -c 20000000 /dev/zero | tr '\\0' x"}})).at("result").as_string();

  CHECK(result.size() > toolbox::output_limit);
  CHECK(result.size() < toolbox::output_limit + 100);
  CHECK(result.ends_with("[daytona: the output was cut after 16777216 bytes]\n"));
}

TEST_CASE("commands that never end don't hold up others, and a client that leaves leaks nothing") {
  process_fixture fixture;
  const json::object endless = request({{"command", "yes"}, {"timeout", 2}});
  {
    auto socket = fixture.run(fixture.sandbox.connect());
    const std::string body = json::serialize(endless);
    const std::string text =
        "POST /process/execute HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
        body;
    socket.send(asio::buffer(text));
  }

  CHECK(fixture.execute(request({{"command", "echo still here"}})).at("result") == "still here\n");
  CHECK(fixture
            .execute(request({{"command",
                               "for i in $(seq 20); do for pid in $(pgrep -x yes); do python3 -c \"import os, select; "
                               "select.select([os.pidfd_open($pid)], [], [])\"; done 2>/dev/null; "
                               "pgrep -x -r DRS yes >/dev/null || { echo over; break; }; done"},
                              {"timeout", 20}}))
            .at("result") == "over\n");
}

TEST_CASE("bad requests are told apart and answered in the envelope") {
  process_fixture fixture;
  const auto code = [&](const char* path, const std::string& body) {
    const auto answer = fixture.run(ask(fixture.sandbox, "POST", path, body));
    return std::to_string(answer.status) + " " + std::string{answer.json().at("code").as_string()};
  };

  CHECK(code("/process/execute", "{") == "400 BAD_REQUEST");
  CHECK(code("/process/execute", "") == "400 BAD_REQUEST");
  CHECK(code("/process/execute", R"({"command":" \n"})") == "400 BAD_REQUEST");
  CHECK(code("/process/execute", R"({"command":"true","timeout":1.0})") == "400 BAD_REQUEST");
  CHECK(code("/process/execute", R"({"command":"true","envs":{"A-B":""}})") == "400 BAD_REQUEST");
  CHECK(code("/process/code-run", R"({"code":"1"})") == "400 INVALID_REQUEST_BODY");
  CHECK(code("/process/code-run", R"({"code":"1","language":"cobol"})") == "400 BAD_REQUEST");
}

TEST_CASE("a body is read as leniently as Daytona's toolbox reads it, and one that is no JSON or too deep is refused") {
  process_fixture fixture;
  const auto ran = [&](const std::string& body) {
    const auto answer = fixture.run(ask(fixture.sandbox, "POST", "/process/execute", body));
    if (answer.status != 200) return std::to_string(answer.status);
    return std::string{answer.json().at("result").as_string()};
  };
  const auto nested = [](std::size_t depth) {
    return R"({"command":"echo deep","x":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };

  CHECK(ran("{\"command\":\"echo \xFF\"}") == "\xEF\xBF\xBD\n");
  CHECK(ran(R"({"command":"echo \ud800"})") == "\xEF\xBF\xBD\n");
  CHECK(ran(R"({"command":"echo a\u0000b"})") == "ab\n");
  CHECK(ran(R"({"command":"echo first"} {"command":"echo second"} x)") == "first\n");
  CHECK(ran(nested(999)) == "deep\n");
  for (const auto& body : {nested(1000), nested(500'000), std::string{R"({"command":"echo x",})"}, std::string{"x{}"},
                           std::string{"[]"}, std::string{R"({"command":"echo)"}, std::string{R"({"command":5})"}})
    CHECK(ran(body) == "400");
  CHECK(ran(R"({"command":"echo alive"})") == "alive\n");
}

TEST_CASE("code-run: python, javascript and typescript") {
  process_fixture fixture;

  CHECK(fixture.code_run(request(
            {{"language", "python"}, {"code", "import sys; print(sys.argv); sys.exit(3)"}, {"argv", {"a", "b c"}}})) ==
        json::value{{"exitCode", 3}, {"result", "['-', 'a', 'b', 'c']\n"}});
  CHECK(fixture
            .code_run(
                request({{"language", "javascript"}, {"code", "console.log(process.argv.slice(1))"}, {"argv", {"a"}}}))
            .at("result") == "[ 'a' ]\n");
  CHECK(fixture.code_run(request({{"language", "typescript"}, {"code", "const x: number = 41; console.log(x + 1)"}}))
            .at("result") == "42\n");
  CHECK(fixture.execute(request({{"command", "ls /tmp | grep dtn_"}})).at("result") == "");
}

TEST_CASE("code-run: a runtime that is missing is named by the shell, with exit code 127") {
  process_fixture fixture;
  fixture.execute(request({{"command", "mkdir /tmp/few; ln -s /usr/bin/base64 /tmp/few"}}));
  json::object few;
  few["PATH"] = "/tmp/few";

  for (const auto& [language, program] : std::initializer_list<std::pair<const char*, const char*>>{
           {"python", "python3"}, {"javascript", "node"}, {"typescript", "npx"}}) {
    INFO(language);
    const auto result = fixture.code_run(request({{"language", language}, {"code", "1"}, {"envs", few}}));
    CHECK(result.at("exitCode") == 127);
    CHECK(result.at("result").as_string().find(std::string{program} + ": command not found") != std::string::npos);
  }
}

TEST_CASE("code-run: charts come out as data, and the program's own output stays") {
  process_fixture fixture;
  const auto result = fixture.code_run(request(
      {{"language", "python"},
       {"code",
        "import matplotlib.pyplot as plt\nplt.bar(['a', 'b'], [1, 2.5])\nplt.title('B')\nplt.show()\nprint('end')"}}));

  const auto& chart = result.at("artifacts").at("charts").at(0);

  CHECK(chart.at("type") == "bar");
  CHECK(chart.at("title") == "B");
  CHECK(chart.at("elements").at(1).at("label") == "b");
  CHECK(chart.at("elements").at(1).at("value") == "2.5");
  CHECK(chart.at("png").as_string().starts_with("iVBORw0KGgo"));
  CHECK(result.at("result").as_string().ends_with("end\n"));
}

}  // namespace daytona::local::test
