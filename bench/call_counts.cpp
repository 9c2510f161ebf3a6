#include "allocations.hpp"
#include "rounds.hpp"
#include "system_calls.hpp"

namespace daytona::bench {

call_counts counts_per_call(std::string_view caller, const setting& wanted, std::size_t calls) {
  const auto made = make_caller(caller, wanted);
  made->run(calls / 4);
  const auto allocations_before = allocations();
  const auto system_calls_before = system_calls_so_far();
  made->run(calls);
  const auto into_kernel = system_calls_so_far() - system_calls_before;
  const auto count = static_cast<double>(calls);
  return {static_cast<double>(allocations() - allocations_before) / count,
          static_cast<double>(into_kernel.sum()) / count};
}

}  // namespace daytona::bench
