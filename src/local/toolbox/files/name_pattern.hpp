#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace daytona::local::toolbox {

/// A pattern of file names as shells have it: `*`, `?`, `[a-z]`, `[^a]`, and `\` before a character that stands for itself. A character is one of UTF-8, or
/// one byte where there is none. Matches whole names, in time in proportion to both lengths at worst.
class name_pattern {
 public:
  /// Absent if it is malformed: a bracket that is not closed, an empty set, a `\` at the end.
  static std::optional<name_pattern> parse(std::string_view text);

  bool matches(std::string_view name) const;

 private:
  struct token {
    enum class kind { any_run, one_of, none_of };
    kind is;
    std::vector<std::pair<char32_t, char32_t>> ranges;  ///< Both ends belong to them.
  };

  static std::optional<token> parse_set(std::u32string_view& left);

  std::vector<token> tokens_;
};

}  // namespace daytona::local::toolbox
