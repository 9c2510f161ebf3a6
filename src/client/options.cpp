// The constructors that keep option types from being aggregates: GCC 12 destroys aggregate temporaries in a co_await expression twice.
#include <daytona/client.hpp>
#include <daytona/sandbox.hpp>

namespace daytona::inline v0 {

create_options::create_options() = default;
start_options::start_options() = default;
stop_options::stop_options() = default;
remove_options::remove_options() = default;
wait_options::wait_options() = default;

}  // namespace daytona::inline v0
