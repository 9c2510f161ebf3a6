#pragma once

#include <linux/filter.h>

#include <span>
#include <vector>

#include "local/isolation/hardening_lists.hpp"

namespace daytona::local {

/// A seccomp filter that refuses a list of system calls, and all of another architecture: compiled once, put in force in each sandbox.
class system_call_filter {
 public:
  /// Throws `setup_failure`.
  explicit system_call_filter(std::span<const refused_call> refused);

  /// Puts it in force for this process and all that come of it, for ever. Needs CAP_SYS_ADMIN in the user namespace, or no_new_privs. Throws
  /// `setup_failure`.
  void install() const;

 private:
  std::vector<sock_filter> program_;
};

}  // namespace daytona::local
