#pragma once

#include <cerrno>
#include <string>
#include <system_error>

namespace daytona::local::toolbox {

/// Throws `std::system_error` if `error`, of what was to be done, is not 0.
inline void check_error(int error, const std::string& what) {
  if (error != 0) throw std::system_error{error, std::generic_category(), what};
}

/// The same for a call that tells its error in `errno`.
inline void check_system(bool has_succeeded, const std::string& what) { check_error(has_succeeded ? 0 : errno, what); }

}  // namespace daytona::local::toolbox
