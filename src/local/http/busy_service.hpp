#pragma once

#include <memory>

#include "local/http/service.hpp"

namespace daytona::local::http {

/// What those are told that come when `full` has no connection left for them: 503 in its shape, with when to come again,
/// and the end of the connection. Answered is a request, as what is sent before one would be lost to who still sends his.
std::shared_ptr<const service> busy_service(const service& full);

}  // namespace daytona::local::http
