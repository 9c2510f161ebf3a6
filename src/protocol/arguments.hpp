#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "daytona/list_sandboxes_query.hpp"
#include "daytona/sandbox_params.hpp"

/// What callers can get wrong, told before anything is sent: a `bad_request_error` with `errc::invalid_argument` whose
/// message is "Failed to create sandbox: " and the rule that was broken, for the operation "create sandbox".
namespace daytona::protocol {

[[noreturn]] void throw_invalid_argument(std::string_view operation, std::string_view rule);
inline void check_argument(bool holds, std::string_view operation, std::string_view rule) {
  if (!holds) throw_invalid_argument(operation, rule);
}

/// A text that goes into a header field: without control characters.
bool is_field_text(std::string_view text) noexcept;

/// The longest time that counts as one (68 years): what is longer is cut to it, so that sums with a clock stay in range.
inline constexpr std::chrono::seconds longest_time{std::numeric_limits<std::int32_t>::max()};

/// A text that goes into JSON: well-formed UTF-8, or it would arrive as another one. `name` says which argument it is.
void check_text(std::string_view text, std::string_view operation, std::string_view name);

/// A text that becomes an argument of a program: UTF-8 without NUL.
void check_program_text(std::string_view text, std::string_view operation, std::string_view name);

/// A shell's command: not blank, and a program's argument.
void check_command(std::string_view command, std::string_view operation);

/// What is sent to a command's standard input as text.
void check_input(std::string_view data, std::string_view operation);

/// An id that becomes one segment of a path, and comes back out of it: not empty, '.' or '..', without '/' and control characters. `name` says which argument
/// it is.
void check_path_id(std::string_view id, std::string_view name, std::string_view operation);

/// A path in a sandbox, which is bytes, or what is looked for there: not empty, without NUL. `name` says which argument it is.
void check_file_text(std::string_view text, std::string_view name, std::string_view operation);

/// Permission bits as octal digits, at most 7777.
void check_file_mode(std::string_view mode, std::string_view operation);

/// Whether `value` is one of an enumeration whose enumerators count from 0 to `last`.
template <class Enumeration>
constexpr bool is_enumerator(Enumeration value, Enumeration last) noexcept {
  return static_cast<std::int64_t>(value) >= 0 && value <= last;
}

bool is_variable_name(std::string_view name) noexcept;
void check_at_least(const std::optional<std::int64_t>& number, std::int64_t least, std::string_view operation,
                    std::string_view rule);

void check_labels(const std::map<std::string, std::string>& labels, std::string_view operation);

/// Names `[A-Za-z_][A-Za-z0-9_]*`, values UTF-8 without NUL.
void check_environment(const std::map<std::string, std::string>& variables, std::string_view operation);

/// A command's own limit as the server takes it: whole seconds, rounded up, so that a short limit does not become 0,
/// which means none. Absent and 0 = none; beyond what servers hold, the most they do (68 years); negative is refused.
std::optional<std::int64_t> command_timeout(std::optional<std::chrono::milliseconds> timeout,
                                            std::string_view operation);

/// The limit of a whole operation, at most `longest_time`: nothing for 0; negative is refused.
std::optional<std::chrono::milliseconds> operation_timeout(std::chrono::milliseconds timeout,
                                                           std::string_view operation);

/// The rules that the official SDKs check, in their order and words, and what else the service would refuse whatever its state.
void check_create(const create_from_snapshot_params& params, std::string_view operation);
void check_create(const create_from_image_params& params, std::string_view operation);

void check_query(const list_sandboxes_query& query, std::string_view operation);
void check_page(std::optional<std::int64_t> page, std::optional<std::int64_t> limit, std::string_view operation);

}  // namespace daytona::protocol
