#pragma once

#include <cstdint>

#include "local/isolation/sandbox_plan.hpp"
#include "local/isolation/system_call_filter.hpp"
#include "local/isolation/unique_fd.hpp"

namespace daytona::local {

/// What the helper has for all of its sandboxes: the toolbox, the sign that the helper lives, the filter.
class equipment {
 public:
  /// Throws `setup_failure`.
  equipment();

  /// A plan that refers to it, and lacks what each sandbox has of its own. For as long as this lives.
  sandbox_plan plan() const;
  /// The next user for the namespaces of a sandbox: one after the other, beginning where the helper of another server does not.
  std::uint32_t next_owner(const id_map& ids);

 private:
  unique_fd program_;
  unique_fd lifeline_;
  unique_fd lifeline_writer_;
  system_call_filter filter_;
  std::uint32_t launches_ = 0;
};

}  // namespace daytona::local
