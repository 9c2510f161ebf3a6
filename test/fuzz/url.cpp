// A base URL, as a user or a server gives it, and what is built below one.
#include "protocol/url.hpp"

#include "fuzz.hpp"
#include "local/http/target.hpp"

namespace {

using namespace daytona;
using fuzz::hold;

bool is_visible(std::string_view text) {
  for (const char c : text)
    if (c <= ' ' || c == '\x7f') return false;
  return true;
}

void check_base(std::string_view text) {
  const auto url = protocol::parse_base_url(text);
  if (!url) {
    hold(!url.error().what.empty());
    return;
  }
  hold(!url->host.empty() && url->port != 0);
  hold(is_visible(url->host_header) && is_visible(url->path) && is_visible(url->origin()));
  hold(url->host.find_first_of("/?#@\\") == std::string::npos);
  hold(url->path.empty() || (url->path.front() == '/' && url->path.back() != '/'));
  hold(url->path.find_first_of("?#") == std::string::npos);

  const auto again = protocol::parse_base_url(url->origin() + url->path);
  hold(again.has_value());
  hold(again->host == url->host && again->port == url->port && again->path == url->path);
}

void check_target(std::string_view text) {
  protocol::request_target target{"/sandbox"};
  const auto built = target.segment(text).query("name", text).text();

  const auto encoded = protocol::percent_encode(text);
  hold(local::http::percent_decoded(encoded) == text);
  hold(is_visible(built) && built.find('#') == std::string::npos);
  hold(local::http::path_segments(built.substr(0, built.find('?'))).size() == (text.empty() ? 1 : 2));
  hold(built.find('?') == built.rfind('?') && built.find('&') == std::string::npos);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = fuzz::text_of(data, size);
  check_base(input);
  check_target(input);
  return 0;
}
