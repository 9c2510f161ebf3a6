#include "daytona/local/server.hpp"

namespace daytona::local::inline v0 {

server_options::server_options() = default;

}  // namespace daytona::local::inline v0
