#pragma once

#include <exception>
#include <memory>
#include <string_view>

#include "client/client_core.hpp"
#include "client/sandbox_core.hpp"

namespace daytona::inline v0::detail {

/// Whether `failure` of a call to the sandbox's toolbox is one that its state may explain.
bool is_worth_a_probe(const std::exception_ptr& failure);

/// Asks once for the sandbox's state, and throws what `failure` means with it. Returns if the state does not explain it, or can't be had.
awaitable<void> explain_by_state(std::shared_ptr<sandbox_core> sandbox, std::shared_ptr<net::operation> op,
                                 std::exception_ptr failure, std::string_view operation);

}  // namespace daytona::inline v0::detail
