#pragma once

#include <optional>
#include <string>

#include "daytona/error.hpp"
#include "daytona/sandbox_info.hpp"

/// A sandbox that is stopped or gone, one on its way up, and a proxy that stumbled look alike to whoever calls the toolbox: the proxy in front of it
/// answers 404 or 502 to all of them. Only the sandbox's state tells them apart.
namespace daytona::protocol {

/// Whether `failure` of a call to a toolbox may come from the sandbox not being there, so that its state is worth a question. What the toolbox itself
/// says is not.
bool may_be_unreachable(const error& failure) noexcept;

/// What a call that failed so means, if the sandbox is in this state; nothing if the state does not explain it.
std::optional<errc> verdict_of(sandbox_state state) noexcept;

/// Throws `failure` as `verdict` has it, with what is known of it; `state` is the server's word for the state.
[[noreturn]] void throw_verdict(errc verdict, const error& failure, const std::string& sandbox_id,
                                std::string_view state);

}  // namespace daytona::protocol
