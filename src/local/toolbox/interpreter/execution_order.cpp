#include "local/toolbox/interpreter/execution_order.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "local/toolbox/interpreter/interpreter_limits.hpp"
#include "local/toolbox/request_fields.hpp"
#include "protocol/web_socket_frames.hpp"

namespace daytona::local::toolbox {

namespace {

namespace close_code = protocol::web_socket::close_code;

constexpr std::int64_t longest_limit = std::numeric_limits<std::int32_t>::max();

std::optional<std::chrono::seconds> time_limit_of(std::optional<std::int64_t> wanted) {
  if (!wanted) return default_program_time;
  if (*wanted < 0) throw execution_refusal{close_code::policy_violation, "timeout must be greater than or equal to 0"};
  if (*wanted == 0) return std::nullopt;
  return std::chrono::seconds{std::min(*wanted, longest_limit)};
}

/// What no process can have in its environment.
void check_variables(const std::map<std::string, std::string>& environment) {
  constexpr std::string_view separators{"=\0", 2};
  for (const auto& [name, value] : environment)
    if (name.empty() || name.find_first_of(separators) != std::string::npos || value.find('\0') != std::string::npos)
      throw execution_refusal{close_code::policy_violation, "invalid environment variable: " + name};
}

}  // namespace

execution_order::execution_order() = default;

execution_order read_execution_order(std::string_view text) {
  execution_order order;
  std::optional<std::int64_t> timeout;
  try {
    const request_fields fields{text};
    order.context_id = fields.text("contextId");
    order.request.code = fields.text("code");
    order.request.environment = fields.text_map("envs");
    timeout = fields.integer("timeout");
  } catch (const std::invalid_argument&) {
    throw execution_refusal{close_code::protocol_error, "invalid JSON payload"};
  }
  if (order.request.code.empty()) throw execution_refusal{close_code::policy_violation, "code is required"};
  order.request.time_limit = time_limit_of(timeout);
  check_variables(order.request.environment);
  return order;
}

}  // namespace daytona::local::toolbox
