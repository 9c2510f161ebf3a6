#pragma once

#include <boost/json/object.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace daytona::local {

/// The members of a request's JSON body, read by name. A member that is null counts as not given. What breaks a rule is
/// collected, so that one answer names everything.
class body_reader {
 public:
  /// Throws `http_error` 400 if `body` is not a JSON object; an empty body is an empty object.
  explicit body_reader(std::string_view body);

  /// Any other member breaks a rule.
  void allow_only(std::span<const std::string_view> names);
  std::optional<std::string> text(std::string_view name);
  std::optional<bool> flag(std::string_view name);
  std::optional<std::int64_t> integer(std::string_view name);
  std::optional<std::map<std::string, std::string>> text_map(std::string_view name);
  /// Whether the member holds something: not null, false, 0, "", [] or {}.
  bool is_set(std::string_view name) const;

  void violate(std::string constraint) { violations_.push_back(std::move(constraint)); }
  /// Throws `http_error` 400 with all violations, joined by ", ".
  void throw_violations() const;

 private:
  const boost::json::value* find(std::string_view name) const;

  boost::json::object members_;
  std::vector<std::string> violations_;
};

}  // namespace daytona::local
