#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "protocol/url.hpp"

namespace daytona::protocol {

constexpr unsigned max_redirects = 5;

/// A request that was answered with a redirect.
struct redirected_request {
  const base_url* base = nullptr;  ///< Where it went.
  std::string_view verb;
  std::string_view target;      ///< Path and query, as they were sent.
  unsigned followed = 0;        ///< Redirects before this one.
  bool body_replayable = true;  ///< The body is still there, whole, or there is none.
};

/// Send it again, to the same server.
struct follow_redirect {
  std::string target;
  bool as_get = false;  ///< As GET and without a body (303); else as it was.
};
/// The server wants a person to log in with a browser: the credentials count for nothing there.
struct login_required {
  std::string what;
};
struct refuse_redirect {
  std::string what;  ///< Why, and what to do.
};
using redirect_action = std::variant<follow_redirect, login_required, refuse_redirect>;

/// Whether `status` is one of the redirects 301, 302, 303, 307, 308.
bool is_redirect(unsigned status) noexcept;

/// What to do about a redirect to `location`. Only the same server (scheme, host, port) is followed to, with method, body and credentials as they were: what redirects
/// a program's API does within itself are about slashes and names. Nothing is ever sent to another.
redirect_action decide_redirect(const redirected_request& request, unsigned status, std::string_view location);

}  // namespace daytona::protocol
