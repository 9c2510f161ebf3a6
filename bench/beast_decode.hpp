#pragma once

#include <daytona/execution.hpp>

#include <boost/json/object.hpp>

#include <vector>

#include "model/sandbox.hpp"

namespace daytona::bench {

/// The structs that the client gives, filled by hand with Boost.JSON's own means: what a user without this library would write.
model::sandbox_data sandbox_from(const boost::json::object& answer);
execute_response execute_response_from(const boost::json::object& answer);
std::vector<model::sandbox_data> sandboxes_from(const boost::json::object& page);

}  // namespace daytona::bench
