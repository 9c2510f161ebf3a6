#pragma once

#include <exception>

namespace daytona::bench {

/// For `co_spawn`: what a coroutine throws, `run` throws.
inline void pass_on(std::exception_ptr failure) {
  if (failure) std::rethrow_exception(failure);
}

}  // namespace daytona::bench
