#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace daytona::local::http {

/// Whether a request of this method may have this target: a path, a URL with a host, `*` for OPTIONS, HOST:PORT for CONNECT. No fragment.
bool is_request_target(std::string_view method, std::string_view target);

/// Whether `text` is HOST or HOST:PORT, as a `Host` field has it; it may be empty.
bool is_host(std::string_view text);

/// `%41` → `A`; nothing if an escape is broken.
std::optional<std::string> percent_decoded(std::string_view text);

/// The segments of a path, still encoded: `%2F` does not separate. Empty segments (`//`, a slash at the end) vanish.
std::vector<std::string_view> path_segments(std::string_view raw_path);

/// What a query makes of a name or value whose escapes are broken.
enum class query_rules {
  lenient,  ///< kept as sent: some clients send raw quotes, braces and percent signs
  strict,   ///< the pair is dropped, and so is one that holds a `;`
};

/// The pairs of a query, decoded, `+` as a blank, in their order.
class query {
 public:
  query() = default;
  explicit query(std::string_view raw, query_rules rules = query_rules::lenient);

  /// The first of that name.
  std::optional<std::string_view> find(std::string_view name) const;
  /// Every one of that name or of `name[]`.
  std::vector<std::string_view> all(std::string_view name) const;

  auto begin() const { return pairs_.begin(); }
  auto end() const { return pairs_.end(); }

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

}  // namespace daytona::local::http
