#pragma once

#include "local/isolation/control_groups.hpp"
#include "local/isolation/helper_messages.hpp"
#include "local/isolation/sandbox_plan.hpp"

namespace daytona::local {

/// The mode in force, and what it needs.
struct chosen_isolation {
  isolation_probe probe;
  id_map ids;
  base_layers base;
};

/// The modes that a request admits, strongest first. `none` is among them only when it was asked for.
std::vector<isolation_mode> admitted_modes(isolation_mode asked, bool require);

/// Tries the modes that `request` admits, strongest first, by making a sandbox in each, and makes the base layers of the one that works. Of `plan` the
/// program, the lifeline and the filter are taken. Throws `std::runtime_error` naming what failed and the remedy.
chosen_isolation choose_isolation(const start_request& request, const sandbox_plan& plan, const control_groups& groups);

}  // namespace daytona::local
