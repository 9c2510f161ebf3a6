#pragma once

#include <string>

#include "isolation_fixture.hpp"

namespace daytona::local::test {

/// Whether a sandbox of this run has a root user: in `shifted` (the run as root) it has, in `userns` there is one user, `daytona`.
inline bool has_root() { return strongest_mode() == isolation_mode::shifted; }

/// A sandbox that somebody wants to get out of, with all that he can be inside: root where there is one.
struct escape_fixture : isolation_fixture {
  explicit escape_fixture(std::uint64_t memory_limit = 0);

  /// What a shell script prints, both streams. As the sandbox's root where there is one.
  std::string attempt(const std::string& script);
  /// What a Python program prints, likewise.
  std::string attempt_python(const std::string& program);
  /// Its exit code.
  std::int64_t exit_code(const std::string& script);
  /// As user daytona, whoever else there is.
  std::string as_daytona(const std::string& script) { return output_of(sandbox, script); }

  toolbox_channel sandbox;
};

}  // namespace daytona::local::test
