#pragma once

#include "local/isolation/unique_fd.hpp"

namespace daytona::local {

/// This program as a sealed memfd, for sandboxes to run: their root could else reopen the file through /proc/1/exe and overwrite it. Throws
/// `setup_failure`.
unique_fd sealed_program();

}  // namespace daytona::local
