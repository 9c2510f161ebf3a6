#pragma once

#include <cstddef>

namespace daytona::test {

/// Blocks of memory that `operator new` gave out in this process and `operator delete` did not take back.
std::ptrdiff_t live_allocations() noexcept;

/// Whether they are counted: not under a sanitizer whose own `operator new` can't be replaced; both counts are 0 then.
bool allocations_are_counted() noexcept;

/// Blocks that `operator new` gave out in this process so far.
std::ptrdiff_t total_allocations() noexcept;

}  // namespace daytona::test
