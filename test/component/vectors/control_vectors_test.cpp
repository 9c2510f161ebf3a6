// Asked for the same, our client sends what the official SDK sends, and makes of the answers what it makes of them.
#include <boost/json/parse.hpp>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include "kit/client_fixture.hpp"
#include "protocol/config_resolution.hpp"
#include "vectors/comparing.hpp"
#include "vectors/differences.hpp"
#include "vectors/recorded_arguments.hpp"
#include "vectors/recorded_call.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

std::vector<json::object> rows_of(const std::string& area) {
  std::ifstream file(std::string(DAYTONA_TEST_VECTORS "/control/") + area + ".jsonl");
  REQUIRE(file.good());
  std::vector<json::object> rows;
  for (std::string line; std::getline(file, line);) rows.push_back(json::parse(line).as_object());
  return rows;
}

/// Polls and repeated attempts count once: how often they come is each client's own affair.
std::vector<asked> without_repeats(std::vector<asked> all) {
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

std::string shown(const std::vector<asked>& all) {
  std::string text;
  for (const auto& one : all) text += fmt::format("\n{} {} {}", one.line, fmt::join(one.query, "&"), one.body);
  return text;
}

void play(script& plot, const json::object& response) {
  if (const auto* none = response.if_contains("none")) {
    const std::string_view how = none->as_string();
    if (how == "hang") return void(plot.hang(""));
    if (how == "truncate")
      return void(plot.reply_bytes("", "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"id\":", true));
    return void(plot.cut(""));
  }
  std::string fields;
  if (const auto* headers = response.if_contains("headers")) {
    if (const auto* named = headers->if_object())
      for (const auto& [name, value] : *named)
        fields += fmt::format("{}: {}\r\n", std::string_view(name), std::string_view(value.as_string()));
    else
      for (const auto& field : headers->as_array())
        fields += fmt::format("{}: {}\r\n", std::string_view(field.at(0).as_string()),
                              std::string_view(field.at(1).as_string()));
  }
  const auto* body = response.if_contains("body");
  const auto text = body ? text_of(*body) : std::string();
  const auto status = response.at("status").to_number<unsigned>();
  const bool has_length = status != 204;
  plot.reply_bytes("", fmt::format("HTTP/1.1 {} Recorded\r\n{}{}\r\n{}", status, fields,
                                   has_length ? fmt::format("Content-Length: {}\r\n", text.size()) : "", text));
}

template <class Error>
bool is(const outcome<void>& end) {
  return end.is<Error>();
}

/// Whether what was raised there was thrown here.
bool same_class(std::string_view theirs, const outcome<void>& end) {
  const std::map<std::string_view, bool (*)(const outcome<void>&)> classes{
      {"DaytonaBadRequestError", is<bad_request_error>},
      {"DaytonaAuthenticationError", is<authentication_error>},
      {"DaytonaForbiddenError", is<forbidden_error>},
      {"DaytonaNotFoundError", is<not_found_error>},
      {"DaytonaTimeoutError", is<timeout_error>},
      {"DaytonaConflictError", is<conflict_error>},
      {"DaytonaGoneError", is<gone_error>},
      {"DaytonaUnprocessableEntityError", is<unprocessable_entity_error>},
      {"DaytonaRateLimitError", is<rate_limit_error>},
      {"DaytonaInternalServerError", is<internal_server_error>},
      {"DaytonaBadGatewayError", is<bad_gateway_error>},
      {"DaytonaServiceUnavailableError", is<service_unavailable_error>},
      {"DaytonaQueueTimeoutError", is<queue_timeout_error>},
      {"DaytonaSpotEvictedError", is<spot_evicted_error>},
      {"DaytonaConnectionError", is<connection_error>},
      {"DaytonaConnectionTimeoutError", is<timeout_error>},
  };
  const auto found = classes.find(theirs);
  return found == classes.end() ? end.is<daytona::error>() : found->second(end);
}

/// "Sandbox … entered error state: SandboxState.ERROR, error reason: None" in our words.
std::string without_python(std::string text) {
  for (const auto& [theirs, ours] : {std::pair<std::string, std::string>{"SandboxState.ERROR", "error"},
                                     {"SandboxState.BUILD_FAILED", "build_failed"},
                                     {"error reason: None", "error reason: not given"}}) {
    const auto at = text.find(theirs);
    if (at != std::string::npos) text.replace(at, theirs.size(), ours);
  }
  return text;
}

void check_error(const std::string& name, const json::object& raised, const outcome<void>& end) {
  REQUIRE(end.failed());
  const auto error = end.error();
  const std::string theirs(raised.at("class").as_string());
  CHECK_MESSAGE(same_class(theirs, end), fmt::format("{} here: {}", theirs, error.what()));
  if (const auto* status = raised.if_contains("status_code"); status && status->is_int64())
    CHECK(error.http_status() == static_cast<unsigned>(status->as_int64()));
  if (const auto* code = raised.if_contains("code"); code && code->is_string())
    CHECK(error.server_code() == std::string(code->as_string()));
  if (const auto* source = raised.if_contains("source"); source && source->is_string())
    CHECK(error.source() == std::string(source->as_string()));
  const auto message = without_python(std::string(raised.at("message").as_string()));
  if (has_own_words(name))
    CHECK(error.message().starts_with("Fail"));
  else
    CHECK_MESSAGE(error.message().starts_with(message), fmt::format("'{}' here: '{}'", message, error.message()));
}

std::string id_in(const json::object& row) {
  for (const auto& exchange : row.at("exchanges").as_array()) {
    const auto* request = exchange.as_object().if_contains("request");
    if (request == nullptr) continue;
    const std::string path(request->at("path").as_string());
    for (const std::string before : {"/api/sandbox/", "/toolbox/"}) {
      if (!path.starts_with(before)) continue;
      return path.substr(before.size(), path.find('/', before.size()) - before.size());
    }
  }
  return "00000000-0000-4000-8000-000000000001";
}

void check_row(const json::object& row, const config& settings, const json::object& header_lists) {
  const std::string name(row.at("name").as_string());
  CAPTURE(name);
  const auto call = parse_python(row.at("call").as_string());
  client_fixture fixture{settings};
  fixture.script().forgiving = true;
  std::vector<asked> wanted;
  for (const auto& exchange : row.at("exchanges").as_array()) {
    wanted.push_back(recorded_request(exchange.at("request").as_object(), header_lists));
    play(fixture.script(), exchange.at("response").as_object());
  }
  const bool starts = call.text.ends_with(".start");
  const auto target = fixture.sandbox_of(id_in(row), starts ? "stopped" : "started");

  const auto end = fixture.run(perform_recorded(fixture.client(), target, call));

  auto requests = fixture.script().requests;
  const bool asked_for_state =
      end.failed() && !requests.empty() && requests.front().starts_with("POST /toolbox/");  // which only we do
  while (asked_for_state && requests.back().starts_with("GET /api/sandbox/")) requests.pop_back();
  std::vector<asked> sent;
  for (const auto& request : requests) sent.push_back(sent_request(request));
  const bool same = without_repeats(sent) == without_repeats(wanted);
  CHECK_MESSAGE(same, fmt::format("recorded:{}\nsent:{}", shown(wanted), shown(sent)));
  if (const auto* raised = row.if_contains("error"))
    check_error(name, raised->as_object(), end);
  else if (end.failed())
    CHECK_MESSAGE(false, end.error().what());
}

config recorded_settings(const std::string& row) {
  auto settings = client_fixture::default_config();
  settings.api_key = "<key>";
  settings.api_url = "http://127.0.0.1:3901/api";
  if (row.find("client without target") == std::string::npos) settings.target = "us";
  return settings;
}

json::object headers_json() {
  std::ifstream file(DAYTONA_TEST_VECTORS "/control/headers.json");
  return json::parse(std::string(std::istreambuf_iterator<char>(file), {})).as_object();
}

/// Plays the rows of one area; says how many there were.
std::size_t check_area(const std::string& area) {
  const auto header_lists = headers_json();
  std::size_t played = 0;
  std::set<std::string_view> used;
  for (const auto& row : rows_of(area)) {
    const std::string name(row.at("name").as_string());
    if (std::string_view(row.at("sdk").as_string()) != "python 0.226.1 sync") continue;
    if (const auto* known = why_left_out(name)) {
      used.insert(known->row);
      continue;
    }
    if (!is_offered(parse_python(row.at("call").as_string()))) continue;  // a member of a later part
    check_row(row, recorded_settings(name), header_lists);
    ++played;
  }
  for (const auto& known : left_out)
    if (known.row.starts_with(area + ".")) CHECK_MESSAGE(used.contains(known.row), known.row << " is no row any more");
  return played;
}

}  // namespace

TEST_CASE("create sends what the official SDK sends, and tells what it tells") { CHECK(check_area("create") > 80); }

TEST_CASE("list sends what the official SDK sends, and tells what it tells") { CHECK(check_area("list") > 40); }

TEST_CASE("the lifecycle sends what the official SDK sends, and tells what it tells") {
  CHECK(check_area("lifecycle") > 30);
}

TEST_CASE("failing answers are told as the official SDK tells them") { CHECK(check_area("errors") > 50); }

TEST_CASE("C2: arguments and environment configure what they configure in the official SDK") {
  const auto header_lists = headers_json();
  std::optional<config> made;
  std::size_t played = 0;
  for (const auto& row : rows_of("config")) {
    const std::string name(row.at("name").as_string());
    if (std::string_view(row.at("sdk").as_string()) != "python 0.226.1 sync") continue;
    if (name.find("dotenv") != std::string::npos) continue;  // files are never read here (C1)
    CAPTURE(name);
    if (name.ends_with(": first call")) {
      REQUIRE(made.has_value());
      check_row(row, *made, header_lists);
      continue;
    }
    ++played;
    const auto call = parse_python(row.at("call").as_string());
    std::map<std::string, std::string> variables;
    if (const auto* given = row.if_contains("given"))
      for (const auto& [key, value] : given->at("environment").as_object())
        variables[std::string(key)] = std::string(value.as_string());
    const auto explicit_values = call.items.empty() ? config() : config_of(call.items[0]);
    made = protocol::resolve_config(explicit_values, [&](std::string_view key) -> std::optional<std::string> {
      const auto found = variables.find(std::string(key));
      if (found == variables.end()) return std::nullopt;
      return found->second;
    });
    if (row.contains("error"))
      CHECK_THROWS_AS(daytona::client{*made}, authentication_error);
    else
      CHECK_NOTHROW(daytona::client{*made});
  }
  CHECK(played > 15);
}
