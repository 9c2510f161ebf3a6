#pragma once

#include <daytona/client.hpp>

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

#include "vectors/python_call.hpp"

namespace daytona::test {

/// Does with `client` and `target` what a recorded call of the official SDK does. `is_offered` says which calls there are.
boost::asio::awaitable<void> perform_recorded(daytona::client client, daytona::sandbox target, python_value call);
bool is_offered(const python_value& call);

}  // namespace daytona::test
