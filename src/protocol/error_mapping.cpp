#include "protocol/error_mapping.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "model/json_value.hpp"
#include "model/utf8.hpp"
#include "protocol/retry_after.hpp"

namespace daytona::protocol {
namespace {

// A message longer than this is a page of HTML or a dump, not a message.
constexpr std::size_t max_message = 4096;

constexpr auto domain_codes = std::to_array<std::pair<std::string_view, errc>>({
    {"GIT_AUTH_FAILED", errc::git_auth_failed},
    {"GIT_REPO_NOT_FOUND", errc::git_repo_not_found},
    {"GIT_BRANCH_NOT_FOUND", errc::git_branch_not_found},
    {"GIT_BRANCH_EXISTS", errc::git_branch_exists},
    {"GIT_PUSH_REJECTED", errc::git_push_rejected},
    {"GIT_DIRTY_WORKTREE", errc::git_dirty_worktree},
    {"GIT_MERGE_CONFLICT", errc::git_merge_conflict},
    {"GIT_TRANSPORT_FAILED", errc::git_transport_failed},
    {"GIT_REMOTE_REJECTED", errc::git_remote_rejected},
    {"FILE_NOT_FOUND", errc::file_not_found},
    {"FILE_ACCESS_DENIED", errc::file_access_denied},
    {"INVALID_FILE_PATH", errc::invalid_file_path},
    {"FILE_READ_FAILED", errc::file_read_failed},
    {"LSP_SERVER_NOT_INITIALIZED", errc::lsp_server_not_initialized},
    {"PROCESS_EXECUTION_TIMEOUT", errc::process_execution_timeout},
    {"PROCESS_NOT_FOUND", errc::process_not_found},
    {"SESSION_ENDED", errc::session_ended},
    {"COMMAND_ALREADY_COMPLETED", errc::command_already_completed},
    {"A11Y_UNAVAILABLE", errc::a11y_unavailable},
    {"RECORDING_STILL_ACTIVE", errc::recording_still_active},
    {"RECORDING_FFMPEG_NOT_FOUND", errc::recording_ffmpeg_not_found},
});

errc code_of_status(unsigned status) noexcept {
  switch (status) {
    case 400:
      return errc::bad_request;
    case 401:
      return errc::authentication;
    case 403:
      return errc::forbidden;
    case 404:
      return errc::not_found;
    case 408:
    case 504:
      return errc::request_timeout;
    case 409:
      return errc::conflict;
    case 410:
      return errc::gone;
    case 422:
      return errc::unprocessable_entity;
    case 429:
      return errc::rate_limit;
    case 500:
      return errc::internal_server_error;
    case 502:
      return errc::bad_gateway;
    case 503:
      return errc::service_unavailable;
    default:
      return errc::unexpected_status;
  }
}

// What an error body says, in any of its shapes: the envelope, `{"error": …}`, `{"errors": […]}`, or no JSON at all.
struct told {
  std::string message;
  std::string code;
  std::string source;
};

std::optional<std::string_view> text_member(const model::json_value& said, std::string_view name) {
  const model::json_value* member = said.member(name);
  return member ? member->text() : std::nullopt;
}

std::string joined(const model::json_value& said) {
  std::string text;
  const model::json_value* member = said.member("errors");
  const auto errors = member ? member->elements() : model::json_children();
  for (const model::json_value& error : errors) {
    if (!error.text()) continue;
    if (!text.empty()) text += ", ";
    text.append(*error.text());
  }
  return text;
}

told read_body(std::string_view body) {
  told said;
  const model::json_document document(body);
  if (document.failure() || !document.root().members()) {
    said.message = body;
    return said;
  }
  const auto& root = document.root();
  const auto message = text_member(root, "message");
  const auto error = text_member(root, "error");
  said.message = message ? *message : error ? *error : std::string_view();
  if (said.message.empty()) said.message = joined(root);
  if (said.message.empty()) said.message = body;
  const auto code = text_member(root, "code");
  said.code = code ? *code : text_member(root, "error_code").value_or(std::string_view());
  said.source = text_member(root, "source").value_or(std::string_view());
  return said;
}

bool is_markup(std::string_view text) {
  const auto start = text.find_first_not_of(" \t\r\n");
  return start != std::string_view::npos && text[start] == '<';
}

std::string status_text(const failed_answer& answer) {
  std::string text = "HTTP status " + std::to_string(answer.status);
  if (!answer.reason.empty()) text.append(" ").append(presentable(answer.reason));
  return text;
}

}  // namespace

std::string presentable(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  const bool cut = text.size() > max_message;
  std::string shown = model::replace_invalid_utf8(text.substr(0, max_message));
  std::replace_if(
      shown.begin(), shown.end(),
      [](char c) { return (static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t') || c == '\x7f'; }, ' ');
  if (cut) shown += "…";
  return shown;
}

errc code_of(service from, unsigned status, std::string_view source, std::string_view server_code,
             std::string_view server_message) noexcept {
  const bool from_daemon = source == "DAYTONA_DAEMON" || (from == service::toolbox && source.empty());
  if (from_daemon) {
    const auto found = std::find_if(domain_codes.begin(), domain_codes.end(),
                                    [&](const auto& row) { return row.first == server_code; });
    if (found != domain_codes.end()) return found->second;
    // The older generation has one code for all its timeouts.
    if (status == 408 && server_message.ends_with("command execution timeout")) return errc::process_execution_timeout;
  }
  return code_of_status(status);
}

void throw_answer(service from, const failed_answer& answer, error_details known) {
  told said = read_body(answer.body);
  known.answered = true;
  known.http_status = answer.status;
  known.server_code = presentable(said.code);
  known.source = presentable(said.source);
  known.server_message = presentable(said.message);
  known.phase = phase::none;
  if (known.request_id.empty()) known.request_id = model::find_header(known.headers, "X-Request-Id");
  known.retry_after = parse_retry_after(known.headers, answer.received);

  const errc code = code_of(from, answer.status, said.source, said.code, said.message);
  const bool worth_showing = !known.server_message.empty() && !is_markup(known.server_message);
  const std::string message =
      message_prefix(known.operation) + (worth_showing ? known.server_message : status_text(answer));
  throw_error(code, message, std::move(known));
}

std::string message_prefix(std::string_view operation) {
  if (operation.empty()) return {};
  if (operation.starts_with("waiting")) return "Failure during " + std::string(operation) + ": ";
  return "Failed to " + std::string(operation) + ": ";
}

}  // namespace daytona::protocol
