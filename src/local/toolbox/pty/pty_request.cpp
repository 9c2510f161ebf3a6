#include "local/toolbox/pty/pty_request.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "local/http/http_error.hpp"
#include "local/http/target.hpp"
#include "local/toolbox/process/environment.hpp"
#include "model/base64.hpp"

namespace daytona::local::toolbox {

namespace {

using http::http_error;

constexpr std::size_t longest_id = 1024;
constexpr std::int64_t largest_side = 1000;
constexpr std::string_view exit_token = "X-Daytona-Pty-Exit-Control";
constexpr std::string_view environment_token = "X-Daytona-Pty-Envs~";

http_error bad_request(const std::string& why) { return http_error{400, "bad request: " + why, "BAD_REQUEST"}; }

unsigned short side(std::string_view name, std::int64_t number) {
  if (number < 1 || number > largest_side)
    throw bad_request(std::string{name} + " must be 1 to " + std::to_string(largest_side));
  return static_cast<unsigned short>(number);
}

/// 0 is the usual size, as if it were absent.
void set_side(unsigned short& where, std::string_view name, std::optional<std::int64_t> number) {
  if (number.value_or(0) != 0) where = side(name, *number);
}

void check_text(const std::string& name, const std::string& text) {
  if (text.find('\0') != std::string::npos) throw bad_request(name + " must not contain NUL");
}

void check(const pty_request& request) {
  if (request.id.empty()) throw bad_request("session ID is required");
  if (request.id.size() > longest_id)
    throw bad_request("session ID must have at most " + std::to_string(longest_id) + " bytes");
  check_text("cwd", request.cwd);
  check_environment(request.envs);
  for (const auto& [name, value] : request.envs) check_text("the value of " + name, value);
}

template <class Read>
auto read_body(const std::string& body, Read read) {
  try {
    return read(request_fields{body});
  } catch (const std::invalid_argument& refused) {
    throw http_error{400, std::string{"invalid body request: "} + refused.what(), "INVALID_REQUEST_BODY"};
  }
}

std::optional<std::int64_t> number_in(const http::query& query, std::string_view name) {
  const auto text = query.find(name).value_or("");
  if (text.empty()) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size())
    throw bad_request(std::string{name} + " must be a whole number");
  return number;
}

/// The alphabet of URLs, without padding.
std::optional<std::string> decode_base64url(std::string_view text) {
  std::string usual{text};
  for (char& c : usual) c = c == '-' ? '+' : c == '_' ? '/' : c;
  usual.append((4 - usual.size() % 4) % 4, '=');
  return model::decode_base64(usual);
}

std::map<std::string, std::string> environment_in(const http::request_head& head) {
  for (const auto token : head.headers.tokens("Sec-WebSocket-Protocol")) {
    if (!token.starts_with(environment_token)) continue;
    const auto text = decode_base64url(token.substr(environment_token.size()));
    if (!text) throw bad_request("the subprotocol X-Daytona-Pty-Envs is not base64url");
    try {
      return request_fields{*text}.all_texts();
    } catch (const std::invalid_argument&) {
      throw bad_request("the subprotocol X-Daytona-Pty-Envs holds no JSON object of strings");
    }
  }
  return {};
}

}  // namespace

pty_request::pty_request() = default;

pty_request read_create_body(const std::string& body) {
  auto request = read_body(body, [](const request_fields& fields) {
    pty_request read;
    read.id = fields.text("id");
    read.cwd = fields.text("cwd");
    read.envs = fields.text_map("envs");
    set_side(read.size.cols, "cols", fields.integer("cols"));
    set_side(read.size.rows, "rows", fields.integer("rows"));
    read.starts_lazily = fields.flag("lazyStart");
    return read;
  });
  check(request);
  return request;
}

pty_request read_create_connect(const http::request_head& head) {
  const http::query query{head.raw_query(), http::query_rules::strict};
  pty_request request;
  request.id = query.find("id").value_or("");
  request.cwd = query.find("cwd").value_or("");
  request.envs = environment_in(head);
  set_side(request.size.cols, "cols", number_in(query, "cols"));
  set_side(request.size.rows, "rows", number_in(query, "rows"));
  check(request);
  return request;
}

terminal_size read_resize_body(const std::string& body) {
  return read_body(body, [](const request_fields& fields) {
    terminal_size size;
    size.cols = side("cols", fields.integer("cols").value_or(0));
    size.rows = side("rows", fields.integer("rows").value_or(0));
    return size;
  });
}

bool wants_exit_message(const http::request_head& head) {
  const auto offered = head.headers.tokens("Sec-WebSocket-Protocol");
  return std::find(offered.begin(), offered.end(), exit_token) != offered.end();
}

}  // namespace daytona::local::toolbox
