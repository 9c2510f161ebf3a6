#include <doctest/doctest.h>
#include <fmt/format.h>

#include "kit/client_fixture.hpp"
#include "kit/request_lines.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;

namespace {

config without_retry() {
  auto settings = client_fixture::default_config();
  settings.retry.max_attempts = 1;
  return settings;
}

template <class Error>
void check_class(unsigned status, errc code) {
  for (const std::string body : {"", "<html><body>nginx</body></html>", R"({"message":"bo)", "plain text",
                                 R"({"message":"boom","statusCode":200,"code":"SOME_CODE","source":"DAYTONA_API"})"}) {
    CAPTURE(status);
    CAPTURE(body);
    client_fixture fixture{without_retry()};
    fixture.script().reply(get_line, status, body, "X-Request-Id: r-1\r\n");

    const auto end = fixture.run(fixture.client().get("x"));

    CHECK(end.is<Error>());
    CHECK(end.error().code() == code);
    CHECK(end.error().http_status() == status);
    CHECK(end.error().request_id() == "r-1");
    CHECK(end.error().details().answered);
    CHECK(end.error().message().starts_with("Failed to get sandbox: "));
    CHECK(end.error().message().find('<') == std::string::npos);
    CHECK(end.error().message().size() < 5000);
  }
}

}  // namespace

TEST_CASE("E2: each status has its class and code, whatever its body is") {
  check_class<bad_request_error>(400, errc::bad_request);
  check_class<authentication_error>(401, errc::authentication);
  check_class<forbidden_error>(403, errc::forbidden);
  check_class<not_found_error>(404, errc::not_found);
  check_class<timeout_error>(408, errc::request_timeout);
  check_class<conflict_error>(409, errc::conflict);
  check_class<gone_error>(410, errc::gone);
  check_class<unprocessable_entity_error>(422, errc::unprocessable_entity);
  check_class<rate_limit_error>(429, errc::rate_limit);
  check_class<internal_server_error>(500, errc::internal_server_error);
  check_class<bad_gateway_error>(502, errc::bad_gateway);
  check_class<service_unavailable_error>(503, errc::service_unavailable);
  check_class<timeout_error>(504, errc::request_timeout);
  check_class<daytona::error>(418, errc::unexpected_status);
}

TEST_CASE("E2: what an answer calls its body changes nothing, and a long text is cut") {
  const std::string json = R"({"message":"boom","code":"SOME_CODE"})";
  for (const std::string type :
       {"Content-Type: text/html\r\n", "Content-Type: \r\n", "Content-Type: image/png\r\n", ""}) {
    CAPTURE(type);
    client_fixture fixture{without_retry()};
    const auto answer_with = [&](const std::string& body) {
      fixture.script().reply_bytes(
          get_line, fmt::format("HTTP/1.1 404 No\r\n{}Content-Length: {}\r\n\r\n{}", type, body.size(), body));
      return fixture.run(fixture.client().get("x"));
    };

    const auto told = answer_with(json);
    const auto cut = answer_with("lost " + std::string(100'000, 'x'));

    CHECK(told.is<not_found_error>());
    CHECK(told.error().server_message() == "boom");
    CHECK(told.error().server_code() == "SOME_CODE");
    CHECK(cut.is<not_found_error>());
    CHECK(cut.error().message().starts_with("Failed to get sandbox: lost x"));
    CHECK(cut.error().message().size() < 5000);
  }
}

TEST_CASE("E2: a page of HTML of any size makes a short message") {
  client_fixture fixture{without_retry()};
  fixture.script().reply(get_line, 502, "<html>" + std::string(60'000, 'x') + "</html>");

  const auto end = fixture.run(fixture.client().get("x"));

  CHECK(end.error().message() == "Failed to get sandbox: HTTP status 502");
}

TEST_CASE("E2: what a message quotes of an answer is short and printable, wherever it stood") {
  const std::string text = "\\u001b[2J" + std::string(100'000, 'x');
  client_fixture fixture{without_retry()};
  fixture.script().reply(get_line, 200, fmt::format(R"({{"id":"a","env":{{"{}":1}}}})", text));
  const auto unreadable = fixture.run(fixture.client().get("x")).error();
  fixture.script().reply(get_line, 200, sandbox_json("error", fmt::format(R"(,"errorReason":"{}")", text)));
  const auto failed = fixture.run(fixture.sandbox("starting").wait_for_sandbox_start()).error();

  for (const auto& error : {unreadable, failed}) {
    CHECK(error.message().find("[2Jxxx") != std::string::npos);
    CHECK(error.message().find('\x1b') == std::string::npos);
    CHECK(error.message().size() < 5000);
  }
}

TEST_CASE("E1: a code of the daemon has its own value, and one that nobody knows is kept verbatim") {
  client_fixture fixture;
  fixture.script().reply(
      execute_line, 408,
      R"({"statusCode":408,"message":"command execution timeout","code":"PROCESS_EXECUTION_TIMEOUT","source":"DAYTONA_DAEMON"})");
  fixture.script().reply(execute_line, 422, R"({"message":"m","code":"NEW_CODE","source":"DAYTONA_DAEMON"})");

  const auto late = fixture.run(fixture.sandbox().process().exec("sleep 9"));
  const auto unknown = fixture.run(fixture.sandbox().process().exec("x"));

  CHECK(late.error().code() == errc::process_execution_timeout);
  CHECK(late.is<timeout_error>());
  CHECK(unknown.error().server_code() == "NEW_CODE");
  CHECK(unknown.is<unprocessable_entity_error>());
}

TEST_CASE("E3: an error says what was asked of whom, how far it came, and what lay beneath") {
  client_fixture fixture{without_retry()};
  fixture.script().reply(execute_line, 403, R"({"message":"no","source":"DAYTONA_PROXY"})", "X-Request-Id: r-2\r\n");
  fixture.script().cut(execute_line);

  const auto refused = fixture.run(fixture.sandbox().process().exec("x")).error();
  const auto lost = fixture.run(fixture.sandbox().process().exec("x")).error();

  CHECK(refused.operation() == "execute command");
  CHECK(refused.url() == fmt::format("POST http://daytona.test:80/toolbox/{}/process/execute", sandbox_id));
  CHECK(refused.source() == "DAYTONA_PROXY");
  CHECK(refused.server_message() == "no");
  CHECK(lost.details().cause == asio::error::eof);
  CHECK(lost.phase() == phase::headers);
}

TEST_CASE("E3: a 2xx answer that can't be read is an invalid response, with its request id") {
  for (const std::string body : {"", "not json", "[]", R"({"id":5})", R"({"exitCode":"x","result":""})", "{", "null",
                                 R"({"exitCode":99999999999,"result":""})"}) {
    CAPTURE(body);
    client_fixture fixture;
    fixture.script().reply(execute_line, 200, body, "X-Request-Id: r-3\r\n");

    const auto error = fixture.run(fixture.sandbox().process().exec("x")).error();

    CHECK(error.code() == errc::invalid_response);
    CHECK(error.request_id() == "r-3");
    CHECK(error.url().starts_with("POST "));
    CHECK(error.message().starts_with("Failed to execute command: "));
  }
}

TEST_CASE("what is not HTTP, or not a whole answer, ends in a typed error and a closed connection") {
  struct row {
    std::string bytes;
    errc code;
  };
  const std::vector<row> rows{
      {"garbage\r\n\r\n", errc::protocol_violation},
      {"HTTP/1.1 abc OK\r\n\r\n", errc::protocol_violation},
      {"HTTP/9.9 200 OK\r\n\r\n", errc::protocol_violation},
      {"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", errc::protocol_violation},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde", errc::protocol_violation},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", errc::protocol_violation},
      {"HTTP/1.1 200 OK\r\nBad Name: x\r\n\r\n", errc::protocol_violation},
      {"HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x'), errc::response_too_large},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=" + std::string(70'000, 'x'),
       errc::response_too_large},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: " + std::string(70'000, 'x'),
       errc::response_too_large},
      {"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", errc::response_too_large},
      {"HTTP/1.1 101 Switching Protocols\r\n\r\n", errc::unexpected_status},
      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}garbage", errc::protocol_violation},
  };
  for (const auto& [bytes, code] : rows) {
    CAPTURE(bytes.substr(0, 80));
    for (const std::size_t piece : {0u, 1u}) {
      client_fixture fixture;
      fixture.script().piece = piece;
      fixture.script().reply_bytes(execute_line, bytes);

      const auto end = fixture.run(fixture.sandbox().process().exec("x"));

      // Bytes that come one by one are behind the answer only for the next call: the connection is found dirty then.
      const bool cut_behind = piece == 1 && bytes.ends_with("garbage") && bytes.starts_with("HTTP");
      CHECK(end.error().code() == (cut_behind ? errc::invalid_response : code));
      if (!cut_behind) CHECK(fixture.pool().connections == 0);
    }
  }
}

TEST_CASE("a body larger than its limit is refused, with a length and without") {
  auto settings = client_fixture::default_config();
  settings.max_response_body = 1000;
  const std::string long_chunk =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" + std::string(2000, 'x') + "\r\n0\r\n\r\n";
  for (const auto& bytes : {http_answer(200, std::string(2000, 'x')), long_chunk}) {
    client_fixture fixture{settings};
    fixture.script().reply_bytes(execute_line, bytes);

    const auto end = fixture.run(fixture.sandbox().process().exec("x"));

    CHECK(end.error().code() == errc::response_too_large);
    CHECK(fixture.pool().connections == 0);
  }
}

TEST_CASE("a header of an answer that is larger than its limit is refused, and one that is smaller is read") {
  const std::string answer = http_answer(200, executed, "X-Padding: " + std::string(1000, 'x') + "\r\n");
  for (const bool fits : {true, false}) {
    auto settings = client_fixture::default_config();
    settings.max_response_header = fits ? 1200 : 1000;
    client_fixture fixture{settings};
    fixture.script().reply_bytes(execute_line, answer);

    const auto end = fixture.run(fixture.sandbox().process().exec("x"));

    CHECK(end.failed() != fits);
    if (fits) continue;
    CHECK(end.error().code() == errc::response_too_large);
    CHECK(end.error().message().ends_with("; raise config::max_response_header or config::max_response_body"));
    CHECK(fixture.pool().connections == 0);
  }
}

TEST_CASE("F13: fields nobody knows, nulls and states nobody knows decode") {
  client_fixture fixture;
  fixture.script().reply(
      get_line, 200,
      R"({"id":"a","name":"a","organizationId":"o","user":"u","env":null,"labels":null,"volumes":null,)"
      R"("public":false,"networkBlockAll":false,"target":"us","cpu":1,"gpu":0,"memory":1,"disk":3,)"
      R"("state":"levitating","errorReason":null,"brandNew":{"x":[1,2]},"toolboxProxyUrl":"http://daytona.test/t"})");

  const auto end = fixture.run(fixture.client().get("a"));

  CHECK(end.value().state() == sandbox_state::unrecognized);
  CHECK(end.value().state_text() == "levitating");
  CHECK(end.value().labels().empty());
}

TEST_CASE("P6: merged and split output are both read, and the result says which one it was") {
  client_fixture fixture;
  fixture.script().reply(execute_line, 200, R"({"exitCode":0,"result":"both\n"})");
  fixture.script().reply(execute_line, 200, R"({"exitCode":0,"result":"out\n","stdout":"out\n","stderr":"err\n"})");

  const auto merged = fixture.run(fixture.sandbox().process().exec("x")).value();
  const auto split = fixture.run(fixture.sandbox().process().exec("x")).value();

  CHECK(merged.artifacts.stdout_ == "both\n");
  CHECK_FALSE(merged.artifacts.stderr_.has_value());
  CHECK(split.artifacts.stdout_ == "out\n");
  CHECK(split.artifacts.stderr_ == "err\n");
}
