#include "protocol/error_mapping.hpp"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <typeindex>
#include <typeinfo>
#include <utility>

#include "../../support/recorded.hpp"

using namespace daytona;
using namespace daytona::protocol;
using namespace std::chrono_literals;

namespace {

struct caught {
  std::type_index type = typeid(void);
  error what = error({}, "");
};

caught thrown_for(service from, unsigned status, std::string_view body, error_details known = error_details()) {
  failed_answer answer;
  answer.status = status;
  answer.body = body;
  if (known.operation.empty()) known.operation = "get sandbox";
  try {
    throw_answer(from, answer, std::move(known));
  } catch (const error& e) {
    return {typeid(e), e};
  }
}

caught thrown_by_api(unsigned status, std::string_view body) { return thrown_for(service::api, status, body); }
caught thrown_by_toolbox(unsigned status, std::string_view body) { return thrown_for(service::toolbox, status, body); }

const std::map<unsigned, std::pair<std::type_index, errc>>& classes() {
  static const std::map<unsigned, std::pair<std::type_index, errc>> table = {
      {400, {typeid(bad_request_error), errc::bad_request}},
      {401, {typeid(authentication_error), errc::authentication}},
      {403, {typeid(forbidden_error), errc::forbidden}},
      {404, {typeid(not_found_error), errc::not_found}},
      {408, {typeid(timeout_error), errc::request_timeout}},
      {409, {typeid(conflict_error), errc::conflict}},
      {410, {typeid(gone_error), errc::gone}},
      {418, {typeid(error), errc::unexpected_status}},
      {422, {typeid(unprocessable_entity_error), errc::unprocessable_entity}},
      {429, {typeid(rate_limit_error), errc::rate_limit}},
      {500, {typeid(internal_server_error), errc::internal_server_error}},
      {502, {typeid(bad_gateway_error), errc::bad_gateway}},
      {503, {typeid(service_unavailable_error), errc::service_unavailable}},
      {504, {typeid(timeout_error), errc::request_timeout}},
  };
  return table;
}

}  // namespace

TEST_CASE("E2: every status has its class, whatever the body is") {
  const std::string page = "<!DOCTYPE html><html>" + std::string(60000, 'x') + "</html>";
  for (const std::string& body : {std::string(), page, std::string(R"({"statusCode":404,"messa)"), std::string("plain"),
                                  std::string("[1]"), std::string("{}"), std::string("\xFF\xFE\x00", 3)}) {
    for (const auto& [status, expected] : classes()) {
      CAPTURE(status);
      const caught found = thrown_by_api(status, body);

      CHECK(found.type == expected.first);
      CHECK(found.what.code() == expected.second);
      CHECK(found.what.http_status() == status);
      CHECK(found.what.message().starts_with("Failed to get sandbox: "));
      CHECK(found.what.message().size() > std::string("Failed to get sandbox: ").size());
      CHECK(found.what.message().size() < 5000);
      CHECK(found.what.server_message().size() < 5000);
      CHECK(found.what.details().answered);
    }
  }
}

TEST_CASE("R11: of all statuses, those that tell of load or of a gateway are transient") {
  for (unsigned status = 400; status < 600; ++status) {
    CAPTURE(status);
    const bool expected = status == 408 || status == 429 || status == 502 || status == 503 || status == 504;
    for (const auto from : {service::api, service::toolbox})
      CHECK(is_transient(thrown_for(from, status, R"({"message":"m"})").what) == expected);
  }
}

TEST_CASE("E2: a page of HTML and an empty body are told by their status") {
  CHECK(thrown_by_api(502, "  <html>bad gateway</html>").what.message() == "Failed to get sandbox: HTTP status 502");
  CHECK(thrown_by_api(404, "").what.message() == "Failed to get sandbox: HTTP status 404");
}

TEST_CASE("the envelope, the bare error, the list of errors and old spellings are all read") {
  const auto envelope = thrown_by_api(
      404,
      R"({"statusCode":404,"error":"Not Found","message":"Sandbox x not found","source":"DAYTONA_API","code":"X"})");
  CHECK(envelope.what.message() == "Failed to get sandbox: Sandbox x not found");
  CHECK(envelope.what.server_message() == "Sandbox x not found");
  CHECK(envelope.what.source() == "DAYTONA_API");
  CHECK(envelope.what.server_code() == "X");

  CHECK(thrown_by_toolbox(409, R"({"error":"exists"})").what.server_message() == "exists");
  CHECK(thrown_by_toolbox(400, R"({"errors":["a","b"],"files":[]})").what.server_message() == "a, b");
  CHECK(thrown_by_toolbox(404, R"({"message":"m","error_code":"OLD"})").what.server_code() == "OLD");
  CHECK(thrown_by_toolbox(404, R"({"message":7,"error":"e"})").what.server_message() == "e");
}

TEST_CASE("E5: the body's own statusCode never overrides HTTP's") {
  const auto found = thrown_by_api(404, R"({"statusCode":200,"message":"m"})");

  CHECK(found.type == typeid(not_found_error));
  CHECK(found.what.http_status() == 404U);
}

TEST_CASE("E1: every domain code of the toolbox has a code of its own, in the class that its name says") {
  const auto found = thrown_by_toolbox(404, R"({"code":"FILE_NOT_FOUND","source":"DAYTONA_DAEMON","message":"m"})");
  CHECK(found.type == typeid(not_found_error));
  CHECK(found.what.code() == errc::file_not_found);

  CHECK(thrown_by_toolbox(401, R"({"code":"GIT_AUTH_FAILED"})").what.code() == errc::git_auth_failed);
  CHECK(thrown_by_toolbox(502, R"({"code":"GIT_TRANSPORT_FAILED"})").type == typeid(bad_gateway_error));
  CHECK(thrown_by_toolbox(408, R"({"code":"PROCESS_EXECUTION_TIMEOUT"})").type == typeid(timeout_error));
  CHECK(thrown_by_toolbox(503, R"({"code":"A11Y_UNAVAILABLE"})").type == typeid(service_unavailable_error));
}

TEST_CASE("E1: the domain codes that the interface description lists are all known") {
  const auto generic = [](std::string_view code) {
    return code == "BAD_REQUEST" || code == "INVALID_REQUEST_BODY" || code == "UNAUTHORIZED" || code == "FORBIDDEN" ||
           code == "NOT_FOUND" || code == "REQUEST_TIMEOUT" || code == "CONFLICT" || code == "GONE" ||
           code == "UNPROCESSABLE_ENTITY" || code == "INTERNAL_SERVER_ERROR";
  };
  std::ifstream in(std::string(DAYTONA_TEST_VECTORS) + "/../openapi/toolbox.json");
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const auto description = boost::json::parse(text);
  const auto& codes = description.at("definitions").at("DaemonErrorCode").at("enum").as_array();

  int domain = 0;
  for (const auto& value : codes) {
    const std::string code(std::string_view(value.as_string()));
    if (generic(code)) continue;
    CAPTURE(code);
    CHECK(code_of(service::toolbox, 599, "DAYTONA_DAEMON", code, "") != errc::unexpected_status);
    ++domain;
  }
  CHECK(domain > 15);
}

TEST_CASE("E1: a domain code counts from the toolbox without a source, and from nobody else") {
  CHECK(code_of(service::toolbox, 404, "", "FILE_NOT_FOUND", "") == errc::file_not_found);
  CHECK(code_of(service::api, 404, "", "FILE_NOT_FOUND", "") == errc::not_found);
  CHECK(code_of(service::toolbox, 404, "DAYTONA_PROXY", "FILE_NOT_FOUND", "") == errc::not_found);
  CHECK(code_of(service::api, 404, "DAYTONA_DAEMON", "FILE_NOT_FOUND", "") == errc::file_not_found);
}

TEST_CASE("E1: an unknown code is kept verbatim and the status decides") {
  const auto found = thrown_by_toolbox(409, R"({"code":"BRAND_NEW","source":"DAYTONA_DAEMON","message":"m"})");

  CHECK(found.what.server_code() == "BRAND_NEW");
  CHECK(found.type == typeid(conflict_error));
}

TEST_CASE("T5: the older toolbox's timeout of a command is told from its other timeouts") {
  const auto found = thrown_by_toolbox(
      408, R"({"statusCode":408,"message":"request timeout: command execution timeout","code":"REQUEST_TIMEOUT"})");

  CHECK(found.what.code() == errc::process_execution_timeout);
  CHECK(thrown_by_toolbox(408, R"({"message":"request timeout: x","code":"REQUEST_TIMEOUT"})").what.code() ==
        errc::request_timeout);
}

TEST_CASE("R10: headers, retry-after and request id are on the error") {
  error_details known;
  known.headers = {{"retry-after", "7"}, {"X-Request-Id", "r-1"}, {"X-RateLimit-Remaining", "0"}};

  const auto found = thrown_for(service::api, 429, R"({"message":"ThrottlerException: Too Many Requests"})", known);

  CHECK(found.type == typeid(rate_limit_error));
  CHECK(found.what.retry_after() == 7s);
  CHECK(found.what.request_id() == "r-1");
  CHECK(found.what.headers().size() == 3);
}

TEST_CASE("E3: what the caller knew stays on the error") {
  error_details known;
  known.operation = "execute command";
  known.url = "POST http://host/toolbox/x/process/execute";
  known.sandbox_id = "x";
  known.request_sent = true;

  const auto found = thrown_for(service::toolbox, 404, "", known);

  CHECK(found.what.operation() == "execute command");
  CHECK(found.what.url() == "POST http://host/toolbox/x/process/execute");
  CHECK(found.what.sandbox_id() == "x");
  CHECK(found.what.details().request_sent);
  CHECK(found.what.message() == "Failed to execute command: HTTP status 404");
}

TEST_CASE("a server's message is bounded, printable and valid UTF-8") {
  const auto found = thrown_by_api(400, "{\"message\":\"a\\u0007b\\u001b[31m\xFF\"}");

  CHECK(found.what.server_message() == "a b [31m\xEF\xBF\xBD");
}

TEST_CASE("throw_error takes the class that the code belongs to") {
  const auto type_of = [](errc code) {
    try {
      throw_error(code, "m");
    } catch (const error& e) {
      return std::type_index(typeid(e));
    }
  };

  CHECK(type_of(errc::timeout) == typeid(timeout_error));
  CHECK(type_of(errc::queue_timeout) == typeid(queue_timeout_error));
  CHECK(type_of(errc::spot_evicted) == typeid(spot_evicted_error));
  CHECK(type_of(errc::tls_failed) == typeid(connection_error));
  CHECK(type_of(errc::invalid_argument) == typeid(bad_request_error));
  CHECK(type_of(errc::invalid_response) == typeid(error));
}

TEST_CASE("every recorded error answer of a toolbox is of its status class, with its message") {
  int seen = 0;
  for (const char* file : {"toolbox/errors.jsonl", "toolbox/process.jsonl", "toolbox/system.jsonl"}) {
    for (const auto& row : recorded::rows(file)) {
      if (recorded::text_of(row.at("kind")) != "http") continue;
      const auto status = recorded::status_of(row.at("response"));
      if (!status || *status < 400) continue;
      CAPTURE(recorded::name_of(row));
      const auto body = recorded::body_of(row.at("response")).value_or("");

      const auto found = thrown_by_toolbox(static_cast<unsigned>(*status), body);

      const auto expected = classes().find(static_cast<unsigned>(*status));
      if (expected != classes().end()) CHECK(found.type == expected->second.first);
      boost::system::error_code not_json;
      const auto parsed = boost::json::parse(body, not_json);
      if (!not_json && parsed.is_object() && parsed.as_object().contains("message"))
        CHECK(found.what.server_message().size() > 0);
      ++seen;
    }
  }
  CHECK(seen > 100);
}

TEST_CASE("every recorded error of the control plane has the official message, status, code and source") {
  int seen = 0;
  for (const auto& row : recorded::rows("control/errors.jsonl")) {
    if (!recorded::text_of(row.at("sdk")).ends_with("sync") || !row.as_object().contains("error")) continue;
    const auto name = recorded::name_of(row);
    if (name.find("envelope, get") == std::string::npos) continue;
    CAPTURE(name);
    const auto& exchange = row.at("exchanges").as_array().at(0);
    const auto& expected = row.at("error").as_object();
    const auto status = static_cast<unsigned>(*recorded::status_of(exchange.at("response")));

    const auto found = thrown_by_api(status, recorded::body_of(exchange.at("response")).value());

    CHECK(found.what.message() == recorded::text_of(expected.at("message")));
    CHECK(found.what.server_code() == recorded::text_of(expected.at("code")));
    CHECK(found.what.source() == recorded::text_of(expected.at("source")));
    CHECK(found.type == classes().at(status).first);
    ++seen;
  }
  CHECK(seen >= 13);
}
