#pragma once

#include <boost/system/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace daytona::protocol {

/// The base that requests go to, taken apart.
struct base_url {
  bool is_tls = false;
  std::string host;         ///< Name or address, lower case, an IPv6 address without its brackets.
  std::uint16_t port = 0;   ///< The scheme's own if none was given.
  std::string path;         ///< Percent-encoded, without trailing slashes: empty or "/api".
  std::string host_header;  ///< What `Host` says: the port unless it is the scheme's own, an IPv6 address in brackets.

  /// "https://host:port", which tells one server from another.
  std::string origin() const;
};

/// "host:port", an IPv6 address in brackets.
std::string host_and_port(std::string_view host, std::uint16_t port);

/// Why a text is no base URL, in words for people.
struct url_failure {
  std::string what;
};

/// Reads `http://…` or `https://…`. Refused: another scheme, no host, a user or password (they would show in logs), a
/// query or fragment, a port out of range.
boost::system::result<base_url, url_failure> parse_base_url(std::string_view text);

/// `text` with everything percent-encoded but letters, digits and `-._~`: safe as one path segment or one query text.
std::string percent_encode(std::string_view text);

/// Path and query of a request below a base. Segments and values are encoded here, so that none can leave its place.
class request_target {
 public:
  /// `base_path` as `base_url::path`, or a route.
  explicit request_target(std::string_view base_path) : text_(base_path) {}

  /// Appends `path` as it is: a route like "/start".
  request_target& route(std::string_view path);
  /// Appends "/" and `segment`, encoded.
  request_target& segment(std::string_view segment);

  request_target& query(std::string_view name, std::string_view value);
  request_target& query(std::string_view name, const char* value) { return query(name, std::string_view(value)); }
  request_target& query(std::string_view name, const std::string& value) {
    return query(name, std::string_view(value));
  }
  request_target& query(std::string_view name, bool value);
  request_target& query(std::string_view name, std::int64_t value);
  request_target& query(std::string_view name, double value);

  const std::string& text() const& noexcept { return text_; }
  std::string text() && noexcept { return std::move(text_); }

 private:
  std::string text_;
  bool has_query_ = false;
};

}  // namespace daytona::protocol
