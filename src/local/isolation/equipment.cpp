#include "local/isolation/equipment.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "local/isolation/hardening_lists.hpp"
#include "local/isolation/id_range.hpp"
#include "local/isolation/sealed_program.hpp"
#include "local/isolation/setup_failure.hpp"

namespace daytona::local {

equipment::equipment() : program_{sealed_program()}, filter_{refused_calls()} {
  int ends[2] = {-1, -1};
  check(::pipe2(ends, O_CLOEXEC), "pipe");
  lifeline_.reset(ends[0]);
  lifeline_writer_.reset(ends[1]);
}

sandbox_plan equipment::plan() const {
  sandbox_plan made;
  made.program = program_.get();
  made.lifeline = lifeline_.get();
  made.filter = &filter_;
  return made;
}

std::uint32_t equipment::next_owner(const id_map& ids) {
  constexpr std::uint32_t distance = 4099;
  const auto start = static_cast<std::uint32_t>(::getpid()) * distance;
  return ids.first + (start + launches_++) % ids_per_sandbox;
}

}  // namespace daytona::local
