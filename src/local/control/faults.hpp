#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daytona/local/faults.hpp"

namespace daytona::local {

/// The faults of a backend, in the order they were injected.
class fault_list {
 public:
  /// Its id. Throws `std::invalid_argument` naming the member and the rule.
  std::string add(fault wanted);
  bool remove(std::string_view id);
  void clear() { faults_.clear(); }
  const std::vector<injected_fault>& all() const { return faults_; }

  /// The fault that befalls a request, the first of those made for it; counts it.
  std::optional<fault> befall(std::string_view method, std::string_view raw_path);

 private:
  std::vector<injected_fault> faults_;
  std::size_t last_ = 0;
};

/// Whether a path, decoded by segments, is one that `pattern` means.
bool matches_path(std::string_view pattern, std::string_view raw_path);

/// The sandbox that a request's path names, decoded; empty if it names none.
std::string sandbox_named_by(std::string_view raw_path);

}  // namespace daytona::local
