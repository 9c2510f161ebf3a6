#pragma once

#include <memory>
#include <string_view>

#include "client/sandbox_core.hpp"

namespace daytona::inline v0::detail {

/// What a wait is for.
enum class wait_goal { started, stopped, destroyed };

/// Reads the sandbox anew, on behalf of `operation`.
awaitable<void> refresh(std::shared_ptr<sandbox_core> sandbox, std::shared_ptr<net::operation> op,
                        std::string_view operation);

/// Polls until the sandbox is at `goal`, or throws why it never will be. A sandbox that is gone counts as destroyed, unless it is to start.
/// All waits of a client share one budget of requests, and those for one sandbox share what one of them reads.
awaitable<void> wait_until(std::shared_ptr<sandbox_core> sandbox, std::shared_ptr<net::operation> op, wait_goal goal,
                           std::string_view operation);

}  // namespace daytona::inline v0::detail
