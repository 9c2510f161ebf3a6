#pragma once

#include <daytona/client.hpp>

#include "vectors/python_call.hpp"

namespace daytona::test {

/// What the arguments of recorded calls say, in our types.
create_from_image_params image_params(const python_value& call);
create_from_snapshot_params snapshot_params(const python_value& call);
list_sandboxes_query query_of(const python_value& call);
/// The configuration that `DaytonaConfig(…)` makes.
config config_of(const python_value& call);
bool flag_of(const python_value& call, const char* name);

}  // namespace daytona::test
