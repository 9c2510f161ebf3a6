#pragma once

#include <cstddef>

namespace daytona::bench {

/// How often this process has asked the heap for memory so far: malloc, calloc and realloc, from C++, C and libraries alike.
std::size_t allocations() noexcept;

}  // namespace daytona::bench
