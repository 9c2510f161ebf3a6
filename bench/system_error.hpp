#pragma once

#include <cerrno>
#include <system_error>

namespace daytona::bench {

/// What a system call gave; throws what `errno` says if that is negative.
template <class Result>
Result checked(Result result, const char* call) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), call);
  return result;
}

}  // namespace daytona::bench
