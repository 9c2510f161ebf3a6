// A request to the local backend: its head, its body, its target and its query. The first byte of the input is the size of the pieces it comes in.
#include <optional>
#include <string>

#include "fuzz.hpp"
#include "local/http/http_error.hpp"
#include "local/http/parser.hpp"
#include "local/http/target.hpp"

namespace {

using namespace daytona::local;
using daytona::fuzz::hold;

constexpr std::size_t header_limit = 2048;

struct request {
  std::optional<http::request_head> head;
  std::string body;
  std::string rest;
  unsigned refused = 0;
};

request read_request(std::string_view bytes, std::size_t piece) {
  request result;
  http::request_parser parser{header_limit};
  try {
    daytona::fuzz::offer(
        bytes, piece, result.rest,
        [&](std::string_view pending) {
          const auto taken = parser.feed(pending);
          if (parser.head_done()) result.body += parser.take_body();
          return taken;
        },
        [&] { return parser.done(); });
    if (!parser.done()) parser.feed_end();
  } catch (const http::http_error& error) {
    hold(error.status() >= 400 && error.status() < 500);
    result.refused = error.status();
  }
  if (parser.head_done() && result.refused == 0) result.head = parser.head();
  return result;
}

void check_target(const http::request_head& head) {
  hold(http::is_request_target(head.method, head.target) && http::is_host(head.headers.get("Host")));
  hold(head.raw_path().starts_with('/') || head.method == "CONNECT" || head.method == "OPTIONS");
  hold(head.target.find('#') == std::string_view::npos);
  hold(head.raw_path().size() + head.raw_query().size() <= head.target.size());
  for (const auto rules : {http::query_rules::lenient, http::query_rules::strict}) {
    const http::query query{head.raw_query(), rules};
    for (const auto& [name, value] : query) hold(query.find(name).has_value());
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto input = daytona::fuzz::text_of(data, size);
  const std::size_t piece = 1 + daytona::fuzz::take_byte(input) % 64;
  const auto whole = read_request(input, 0);
  const auto pieces = read_request(input, piece);
  hold((whole.refused == 0) == (pieces.refused == 0));
  if (!whole.head) return 0;

  hold(pieces.head.has_value());
  hold(whole.head->target == pieces.head->target && whole.head->method == pieces.head->method);
  hold(whole.body == pieces.body);
  hold(!whole.head->chunked || !whole.head->content_length);  // a length and a coding: two readings
  check_target(*whole.head);
  return 0;
}
