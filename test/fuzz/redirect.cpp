// A redirect, as a server words it. The first two bytes of the input choose the request, the first line is its path and query, the rest is `Location`.
#include "protocol/redirect.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>

#include "fuzz.hpp"
#include "model/headers.hpp"

namespace {

using namespace daytona;
using fuzz::hold;

bool is_printable(std::string_view text) {
  for (const char c : text)
    if (c < ' ' || c > '~') return false;
  return true;
}

/// What a request's line can hold: it begins with a slash, and no byte ends it early.
bool is_target(std::string_view text) {
  return text.starts_with('/') && is_printable(text) && text.find_first_of(" #") == std::string_view::npos;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = model::to_lower(c);
  return result;
}

/// Scheme and authority that `location` names, in lower case; nothing if it names none, which is this server then. Read here in the plainest way there is.
std::optional<std::string> named_server(std::string_view location, const protocol::base_url& base) {
  const auto colon = location.find_first_of(":/?#");
  const bool has_scheme = colon != std::string_view::npos && location[colon] == ':';
  const auto scheme = has_scheme ? lower(location.substr(0, colon)) : std::string(base.is_tls ? "https" : "http");
  auto rest = has_scheme ? location.substr(colon + 1) : location;
  if (!rest.starts_with("//")) return has_scheme ? std::optional(scheme + ":") : std::nullopt;
  rest.remove_prefix(2);
  return fmt::format("{}://{}", scheme, lower(rest.substr(0, rest.find_first_of("/?#"))));
}

/// Whether `server`, as `named_server` tells it, is the one at `base`.
bool is_same(std::string_view server, const protocol::base_url& base) {
  const auto origin = base.origin();
  const bool is_usual = base.port == (base.is_tls ? 443 : 80);
  const auto bare = origin.substr(0, origin.rfind(':'));
  if (is_usual && (server == bare || server == bare + ":")) return true;
  if (!server.starts_with(bare + ":")) return false;
  auto port = server.substr(bare.size() + 1);
  while (port.starts_with('0')) port.remove_prefix(1);
  return port == std::to_string(base.port);
}

/// What one answer makes of `request`; false if it is not sent again. Then `target` is where to.
bool decide(const protocol::redirected_request& request, unsigned status, std::string_view location,
            std::string& target) {
  const auto action = protocol::decide_redirect(request, status, location);
  if (const auto* const refused = std::get_if<protocol::refuse_redirect>(&action))
    hold(!refused->what.empty() && is_printable(refused->what));
  if (const auto* const login = std::get_if<protocol::login_required>(&action))
    hold(!login->what.empty() && is_printable(login->what));
  const auto* const again = std::get_if<protocol::follow_redirect>(&action);
  if (again == nullptr) return false;

  const auto server = named_server(location, *request.base);
  hold(!server || is_same(*server, *request.base));
  hold(is_target(again->target));
  hold(again->as_get == (status == 303));
  hold(again->as_get || request.body_replayable);
  hold(request.followed < protocol::max_redirects);
  target = again->target;
  return true;
}

const protocol::base_url& base_of(unsigned choice) {
  static const std::array all{
      *protocol::parse_base_url("https://api.test/api"),
      *protocol::parse_base_url("http://api.test/api"),
      *protocol::parse_base_url("https://api.test:8443"),
      *protocol::parse_base_url("http://[::1]:3986/api"),
  };
  return all[choice % all.size()];
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto input = fuzz::text_of(data, size);
  constexpr std::array statuses{301U, 302U, 303U, 307U, 308U};
  const auto choice = fuzz::take_byte(input);
  const auto status = statuses[fuzz::take_byte(input) % statuses.size()];
  const auto line = input.substr(0, input.find('\n'));
  const auto location = input.substr(std::min(input.size(), line.size() + 1));
  std::string target = is_target(line) ? std::string(line) : "/api/sandbox?verbose=true";

  protocol::redirected_request request;
  request.base = &base_of(choice);
  request.verb = "POST";
  request.body_replayable = (choice & 4U) != 0;
  request.followed = choice >> 5;
  for (request.target = target; decide(request, status, location, target); request.target = target) ++request.followed;
  return 0;
}
