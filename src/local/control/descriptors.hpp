#pragma once

#include <cstddef>
#include <functional>

#include "local/http/http_error.hpp"

namespace daytona::local {

/// What a request is told that needs more of them than there are.
http::http_error out_of_descriptors();

/// How many this process may have at once.
std::size_t most_descriptors();

/// Throws it unless this process can open so many more, if need be after `free_some`: what begins without them would end
/// half-done.
void require_descriptors(std::size_t count, const std::function<void()>& free_some);

}  // namespace daytona::local
