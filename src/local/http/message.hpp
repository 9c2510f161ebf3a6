#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace daytona::local::http {

/// Header fields in the order of arrival. Names compare without case.
class header_fields {
 public:
  void add(std::string_view name, std::string_view value);
  /// Replaces every field of that name by one.
  void set(std::string_view name, std::string_view value);
  void erase(std::string_view name);
  /// Erases every field that a token of field `name` names.
  void erase_named_by(std::string_view name);
  std::size_t count(std::string_view name) const;
  bool contains(std::string_view name) const { return find(name).has_value(); }
  std::optional<std::string_view> find(std::string_view name) const;
  /// The first field of that name, empty if there is none.
  std::string_view get(std::string_view name) const { return find(name).value_or(std::string_view{}); }
  /// The tokens of a comma-separated field.
  std::vector<std::string_view> tokens(std::string_view name) const;
  /// Whether a comma-separated field holds `token`, without case.
  bool has_token(std::string_view name, std::string_view token) const;

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  std::size_t size() const { return fields_.size(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

bool equal_ignoring_case(std::string_view left, std::string_view right);
/// Without the spaces and tabs at its ends.
std::string_view without_blanks(std::string_view text);

/// The head of a request as it was sent; nothing is decoded.
struct request_head {
  std::string method;
  std::string target;
  unsigned version = 11;
  header_fields headers;
  bool keep_alive = false;
  bool chunked = false;
  std::optional<std::uint64_t> content_length;

  bool has_body() const { return chunked || content_length.value_or(0) > 0; }
  /// The target's path, percent-encoding kept, without query; of an absolute-form target too.
  std::string_view raw_path() const;
  std::string_view raw_query() const;
  /// What HTTP/1.0 asks for is no upgrade; and where one has a body, the next reader could take that for what follows the upgrade.
  bool wants_upgrade() const {
    return version >= 11 && !has_body() && headers.contains("Upgrade") && headers.has_token("Connection", "upgrade");
  }
};

/// The head of an answer, read from an upstream.
struct response_head {
  unsigned status = 0;
  std::string reason;
  unsigned version = 11;
  header_fields headers;
  bool keep_alive = false;
  bool chunked = false;
  std::optional<std::uint64_t> content_length;
};

/// An answer whose body is known as a whole.
struct response {
  response() = default;
  response(unsigned status_code, std::string body_text,
           std::string_view content_type = "application/json; charset=utf-8");

  unsigned status = 200;
  header_fields headers;
  std::string body;
};

std::string_view reason_phrase(unsigned status);

}  // namespace daytona::local::http
