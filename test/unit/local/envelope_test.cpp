#include "local/http/envelope.hpp"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include <string>

using namespace daytona::local::http;

namespace {

request_head request_for(std::string target) {
  request_head head;
  head.method = "GET";
  head.target = std::move(target);
  return head;
}

}  // namespace

TEST_CASE("the API's errors carry every member that one of its generations sends") {
  const auto head = request_for("/api/sandbox/a%20b?x=1");

  const auto answer = api_error_answer(http_error{404, "Sandbox with ID or name a b not found"}, &head);
  const auto body = boost::json::parse(answer.body).as_object();

  CHECK(answer.status == 404);
  CHECK(body.at("statusCode").as_int64() == 404);
  CHECK(body.at("path").as_string() == "/api/sandbox/a b");
  CHECK(body.at("error").as_string() == "Not Found");
  CHECK(body.at("message").as_string() == "Sandbox with ID or name a b not found");
  CHECK(body.at("source").as_string() == "DAYTONA_API");
  CHECK(body.at("code").as_string() == "NOT_FOUND");
  CHECK(body.at("timestamp").as_string().size() == 24);
}

TEST_CASE("the daemon's errors name source, code and method") {
  const auto head = request_for("/process/execute");

  const auto answer =
      daemon_error_answer(http_error{408, "too slow", "PROCESS_EXECUTION_TIMEOUT"}, &head, "DAYTONA_DAEMON");
  const auto body = boost::json::parse(answer.body).as_object();

  CHECK(body.at("code").as_string() == "PROCESS_EXECUTION_TIMEOUT");
  CHECK(body.at("source").as_string() == "DAYTONA_DAEMON");
  CHECK(body.at("method").as_string() == "GET");
}

TEST_CASE("an error about bytes that are not UTF-8 is still JSON") {
  const auto head = request_for("/\xFF%C3%28");

  const auto body = boost::json::parse(api_error_answer(http_error{404, "\xC3\x28"}, &head).body).as_object();

  CHECK(body.at("message").as_string() == "\xEF\xBF\xBD(");
}
