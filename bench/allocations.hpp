#pragma once

#include <cstddef>

namespace daytona::bench {

/// How often this program has asked for memory so far, by `malloc`, `calloc`, `realloc` or `aligned_alloc`.
std::size_t allocations() noexcept;
/// How many pieces of it are not freed.
std::ptrdiff_t live_allocations() noexcept;

}  // namespace daytona::bench
