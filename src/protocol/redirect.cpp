#include "protocol/redirect.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "model/headers.hpp"

namespace daytona::protocol {
namespace {

constexpr unsigned see_other = 303;

/// Boost 1.81 takes "https://host:443.evil" for a path behind a port.
bool has_stray_authority(const boost::urls::url_view& reference) {
  const auto path = reference.encoded_path();
  return reference.has_authority() && !path.empty() && path.front() != '/';
}

std::optional<boost::urls::url> absolute(const redirected_request& request, std::string_view location) {
  const auto here = request.base->origin() + std::string(request.target);
  const auto base = boost::urls::parse_uri(here);
  const auto reference = boost::urls::parse_uri_reference({location.data(), location.size()});
  if (location.empty() || !base || !reference || has_stray_authority(*reference)) return std::nullopt;
  boost::urls::url result{*base};
  if (!result.resolve(*reference) || result.has_userinfo()) return std::nullopt;
  return result;
}

/// Scheme, host and port of `url`; nothing if a request could not go there at all.
std::optional<base_url> server_of(const boost::urls::url& url) {
  const auto scheme = url.scheme();
  const auto authority = url.encoded_authority();
  const auto text = fmt::format("{}://{}", std::string_view(scheme.data(), scheme.size()),
                                std::string_view(authority.data(), authority.size()));
  auto server = parse_base_url(text);
  if (!server) return std::nullopt;
  return *std::move(server);
}

/// Whether `is` holds for one of the parts that `separator` leaves of `text`. Boost 1.81 reads past the end of a query that is empty before a fragment.
template <class Predicate>
bool any_part(std::string_view text, char separator, const Predicate& is) {
  for (;;) {
    const auto end = text.find(separator);
    if (is(text.substr(0, end))) return true;
    if (end == std::string_view::npos) return false;
    text.remove_prefix(end + 1);
  }
}

bool is_login_name(std::string_view segment) {
  constexpr auto names = std::to_array<std::string_view>(
      {"login", "signin", "sign-in", "sign_in", "oauth", "oauth2", "authorize", "authenticate", "sso", "saml"});
  return std::any_of(names.begin(), names.end(), [&](auto name) { return model::equal_ignoring_case(name, segment); });
}

/// By what such pages are called, and by the query that OAuth gives them.
bool is_login_page(const boost::urls::url_view& url) {
  const std::string_view path(url.encoded_path().data(), url.encoded_path().size());
  const std::string_view query(url.encoded_query().data(), url.encoded_query().size());
  const auto asks_for = [&](std::string_view name) {
    return any_part(query, '&', [&](auto pair) { return pair.substr(0, pair.find('=')) == name; });
  };
  return any_part(path, '/', is_login_name) ||
         (asks_for("client_id") && (asks_for("redirect_uri") || asks_for("response_type")));
}

/// Whether the redirect is about a slash at the end alone, whatever the path's words mean.
bool is_same_path(const redirected_request& request, const boost::urls::url& url) {
  auto here = request.target.substr(0, request.target.find('?'));
  std::string_view there(url.encoded_path().data(), url.encoded_path().size());
  while (here.ends_with('/')) here.remove_suffix(1);
  while (there.ends_with('/')) there.remove_suffix(1);
  return here == there;
}

std::string path_and_query(const boost::urls::url& url) {
  const auto target = url.encoded_target();
  return target.empty() || target.front() != '/' ? '/' + std::string(target.data(), target.size())
                                                 : std::string(target.data(), target.size());
}

refuse_redirect elsewhere(const redirected_request& request, const base_url& server) {
  if (request.base->is_tls && !server.is_tls)
    return {fmt::format("the server redirects to {}, without TLS, which is not followed; report it to its operator",
                        server.origin())};
  return {
      fmt::format("the server redirects to {}, where the credentials are not sent; if it is the right one, set "
                  "config::api_url to it",
                  server.origin())};
}

}  // namespace

bool is_redirect(unsigned status) noexcept {
  return status == 301 || status == 302 || status == see_other || status == 307 || status == 308;
}

redirect_action decide_redirect(const redirected_request& request, unsigned status, std::string_view location) {
  const auto url = absolute(request, location);
  const auto server = url ? server_of(*url) : std::nullopt;
  if (!server) return refuse_redirect{"the server redirects without saying where to; check config::api_url"};
  const bool is_here = server->origin() == request.base->origin();
  if (is_login_page(*url) && !(is_here && is_same_path(request, *url)))
    return login_required{
        fmt::format("the server asks for a login at {} instead of taking the credentials; check the key, "
                    "and that config::api_url is that of the API",
                    server->origin())};
  if (!is_here) return elsewhere(request, *server);
  if (request.followed >= max_redirects)
    return refuse_redirect{
        fmt::format("the server redirects in circles: {} times; check config::api_url", max_redirects)};
  const bool as_get = status == see_other;
  if (!as_get && !request.body_replayable)
    return refuse_redirect{
        "the server redirects after the body was sent, which can't be sent again; use the address that it "
        "redirects to"};
  return follow_redirect{path_and_query(*url), as_get};
}

}  // namespace daytona::protocol
