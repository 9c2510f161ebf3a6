#include <doctest/doctest.h>

#include "local/http/http_error.hpp"
#include "local/toolbox/process/process_family.hpp"
#include "local/toolbox/pty/pty_end.hpp"
#include "local/toolbox/pty/pty_request.hpp"

namespace daytona::local::toolbox {

namespace {

http::request_head request_head_of(const std::string& query, std::string_view offered = {}) {
  http::request_head head;
  head.method = "GET";
  head.target = "/process/pty/create-connect?" + query;
  if (!offered.empty()) head.headers.add("Sec-WebSocket-Protocol", offered);
  return head;
}

/// `status message` of what it throws.
template <class Call>
std::string refusal(Call call) {
  try {
    call();
    return "none";
  } catch (const http::http_error& error) {
    return std::to_string(error.status()) + " " + error.message();
  }
}

constexpr int exited_with_3 = 3 << 8;
constexpr int killed_by_sighup = 1;
constexpr int killed_by_sigterm = 15;

}  // namespace

TEST_CASE("a PTY is made as its body says: absent, null and zero sizes are the usual ones") {
  const auto all = read_create_body(
      R"({"id":"a","cwd":"/x","envs":{"A":"1"},"cols":100,"rows":1000,"lazyStart":true,"unknown":[]})");
  const auto least = read_create_body(R"({"ID":" ","cwd":null,"envs":null,"cols":null,"rows":0,"lazyStart":null})");

  CHECK(all.id == "a");
  CHECK(all.cwd == "/x");
  CHECK(all.envs.at("A") == "1");
  CHECK(all.size.cols == 100);
  CHECK(all.size.rows == 1000);
  CHECK(all.starts_lazily);
  CHECK(least.id == " ");
  CHECK(least.size.cols == 80);
  CHECK(least.size.rows == 24);
  CHECK_FALSE(least.starts_lazily);
}

TEST_CASE("a body that makes no PTY is refused with what is wrong with it") {
  const auto refused = [](const char* body) { return refusal([&] { read_create_body(body); }); };

  CHECK(refused(R"({"cols":80})") == "400 bad request: session ID is required");
  CHECK(refused(R"({"id":"a","cols":1001})") == "400 bad request: cols must be 1 to 1000");
  CHECK(refused(R"({"id":"a","rows":-1})") == "400 bad request: rows must be 1 to 1000");
  CHECK(refused(R"({"id":"a","rows":4294967297})") == "400 bad request: rows must be 1 to 1000");
  CHECK(refused(R"({"id":"a","rows":"24"})") == "400 invalid body request: rows must be a whole number");
  CHECK(refused(R"({"id":"a","cols":80.0})") == "400 invalid body request: cols must be a whole number");
  CHECK(refused(R"({"id":1})") == "400 invalid body request: id must be a string");
  CHECK(refused(R"({"id":"a","cwd":"\u0000"})") == "400 bad request: cwd must not contain NUL");
  CHECK(refused(R"({"id":"a","envs":{"A":"\u0000"}})") == "400 bad request: the value of A must not contain NUL");
  CHECK(refused(R"({"id":"a","envs":{"A-B":"1"}})").find("A-B") != std::string::npos);
  CHECK(refused("{").starts_with("400 invalid body request: "));
  CHECK(refusal([] { read_create_body(R"({"id":")" + std::string(1025, 'a') + "\"}"); }) ==
        "400 bad request: session ID must have at most 1024 bytes");
}

TEST_CASE("S16: a PTY that is connected to at once has its environment from the subprotocols that are offered") {
  const auto request = read_create_connect(
      request_head_of("id=a%2Fb&cols=100&rows=30&cwd=%2Fsrv",
                      "X-Daytona-SDK-Version~0.226.1, X-Daytona-Pty-Exit-Control, X-Daytona-Pty-Envs~eyJBIjoiPz8_In0"));
  const auto usual = read_create_connect(request_head_of("id=a&cols=&rows=0"));

  CHECK(request.id == "a/b");
  CHECK(request.cwd == "/srv");
  CHECK(request.envs == std::map<std::string, std::string>{{"A", "???"}});
  CHECK(request.size.cols == 100);
  CHECK(request.size.rows == 30);
  CHECK(usual.envs.empty());
  CHECK(usual.size.cols == 80);
}

TEST_CASE("a query or an environment that makes no PTY is refused") {
  const auto refused = [](const std::string& query, std::string_view offered) {
    return refusal([&] { read_create_connect(request_head_of(query, offered)); });
  };

  CHECK(refused("cols=80", "") == "400 bad request: session ID is required");
  CHECK(refused("id=a&cols=8x", "") == "400 bad request: cols must be a whole number");
  CHECK(refused("id=a&rows=100000", "") == "400 bad request: rows must be 1 to 1000");
  CHECK(refused("id=a", "X-Daytona-Pty-Envs~!").find("is not base64url") != std::string::npos);
  CHECK(refused("id=a", "X-Daytona-Pty-Envs~e30x").find("is not base64url") == std::string::npos);
  CHECK(refused("id=a", "X-Daytona-Pty-Envs~WzFd").find("no JSON object of strings") != std::string::npos);
  CHECK(refused("id=a", "X-Daytona-Pty-Envs~eyJBIjoxfQ").find("no JSON object of strings") != std::string::npos);
}

TEST_CASE("another size has both sides, each of 1 to 1000") {
  CHECK(read_resize_body(R"({"cols":1000,"rows":1})").cols == 1000);
  for (const char* body : {R"({"cols":0,"rows":0})", R"({"cols":90})", R"({"cols":5000,"rows":40})",
                           R"({"cols":100000,"rows":1})", R"({"cols":80,"rows":-24})"})
    CHECK(refusal([&] { read_resize_body(body); }).starts_with("400 bad request: "));
  CHECK(refusal([] { read_resize_body(R"({"cols":"90","rows":40})"); }).starts_with("400 invalid body request: "));
}

TEST_CASE("P7: the shell's end is told as it was: its exit code, or the signal that ended it") {
  CHECK(close_reason_of(pty_end{0, false}) == R"({"exitCode":0})");
  CHECK(close_code_of(pty_end{0, false}) == 1000);
  CHECK(close_reason_of(pty_end{exited_with_3, false}) == R"({"exitCode":3,"exitReason":"non-zero exit"})");
  CHECK(close_code_of(pty_end{exited_with_3, false}) == 1011);
  CHECK(close_reason_of(pty_end{130 << 8, false}) == R"({"exitCode":130,"exitReason":"Ctrl+C"})");
  CHECK(close_reason_of(pty_end{killed_by_sigterm, false}) == R"({"exitCode":143,"exitReason":"SIGTERM"})");
  CHECK(close_reason_of(pty_end{killed_by_sighup, false}) == R"({"exitCode":129,"exitReason":"signal 1"})");
  CHECK(close_reason_of(pty_end{killed_by_sighup, true}) == R"({"exitCode":137,"exitReason":"SIGKILL"})");
  CHECK(exit_message(pty_end{exited_with_3, false}) ==
        R"({"type":"control","status":"exited","exitCode":3,"exitReason":"non-zero exit"})");
  CHECK(connected_message() == R"({"type":"control","status":"connected"})");
  CHECK(error_message("no \"x\"") == R"({"type":"control","status":"error","error":"no \"x\""})");
}

TEST_CASE("only who offers to be told of the end by a message is told so") {
  CHECK(wants_exit_message(request_head_of("id=a", "X-Daytona-SDK-Version~1, X-Daytona-Pty-Exit-Control")));
  CHECK_FALSE(wants_exit_message(request_head_of("id=a", "X-Daytona-SDK-Version~1")));
  CHECK_FALSE(wants_exit_message(request_head_of("id=a")));
}

TEST_CASE("who has left its session and its parent belongs to a family by the mark in its environment") {
  process_entry marked;
  marked.process = 21;
  marked.parent = 1;
  marked.is_marked = true;
  process_entry child;
  child.process = 22;
  child.parent = 21;

  CHECK(family_of({-1, 10}, {marked, child}) == std::vector<pid_t>{21, 22});
  CHECK(has_variable(std::string_view{"A=1\0B=2\0", 8}, "B=2"));
  CHECK(has_variable(std::string_view{"A=1\0B=2\0", 8}, "A=1"));
  CHECK_FALSE(has_variable(std::string_view{"A=1\0B=23\0", 9}, "B=2"));
  CHECK_FALSE(has_variable(std::string_view{"AB=2\0", 5}, "B=2"));
}

}  // namespace daytona::local::toolbox
