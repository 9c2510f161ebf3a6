// In place of allocations.cpp under ThreadSanitizer, whose operator new can't be replaced: every other run counts.
#include "kit/allocations.hpp"

namespace daytona::test {

bool allocations_are_counted() noexcept { return false; }
std::ptrdiff_t live_allocations() noexcept { return 0; }
std::ptrdiff_t total_allocations() noexcept { return 0; }

}  // namespace daytona::test
