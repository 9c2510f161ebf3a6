#pragma once

#include <boost/json/object.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace daytona::local::toolbox {

/// The members of a request's JSON body, read as leniently as Daytona's toolbox reads them: names without case, the last of repeated ones, null as
/// absent, an empty object for `null`, what follows the first value unread, ill-formed text as U+FFFD. Each reading member throws
/// `std::invalid_argument` for another type.
class request_fields {
 public:
  /// Throws `std::invalid_argument` if `text` begins with no JSON object.
  explicit request_fields(std::string_view text);

  bool has(std::string_view name) const { return find(name) != nullptr; }
  std::string text(std::string_view name) const;  ///< Empty = absent.
  bool flag(std::string_view name) const;         ///< Absent = false.
  std::vector<std::string> texts(std::string_view name) const;
  std::map<std::string, std::string> text_map(std::string_view name) const;
  /// All members, of which each is a text.
  std::map<std::string, std::string> all_texts() const;
  /// Written without fraction and exponent. Absent = nothing.
  std::optional<std::int64_t> integer(std::string_view name) const;
  /// An unsigned 32-bit number, written without fraction and exponent; 0 and absent are nothing.
  std::optional<std::chrono::seconds> seconds(std::string_view name) const;

 private:
  const boost::json::value* find(std::string_view name) const;
  boost::json::object object_;
};

/// `text` with ill-formed UTF-8 and lone surrogate escapes as U+FFFD, so that a strict parser takes it.
std::string well_formed_json_text(std::string_view text);

}  // namespace daytona::local::toolbox
