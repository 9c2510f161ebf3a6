// In place of allocations.cpp under ThreadSanitizer, whose operator new can't be replaced: every other run counts.
#include "kit/allocations.hpp"

namespace daytona::test {

std::ptrdiff_t live_allocations() noexcept { return 0; }

}  // namespace daytona::test
