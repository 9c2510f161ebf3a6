#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "client/api_call.hpp"
#include "client/sandbox_core.hpp"

namespace daytona::inline v0::detail {

/// The label by which a sandbox is known whose creation was answered by nothing.
inline constexpr std::string_view create_id_label = "daytona-cpp/create-id";

/// A create that is about to be made.
struct creation {
  creation(api_request made_by, std::string id) : request(std::move(made_by)), create_id(std::move(id)) {}

  api_request request;
  std::string create_id;  ///< The value of `create_id_label` in it.
  std::optional<std::chrono::nanoseconds> timeout;
  bool keep_on_failure = false;
};

/// Makes the sandbox and waits until it is started. Leaves none behind if that fails, unless it is to be kept.
awaitable<sandbox> create_sandbox(std::shared_ptr<client_core> core, creation plan);

/// A random id, as text.
std::string random_id();

}  // namespace daytona::inline v0::detail
