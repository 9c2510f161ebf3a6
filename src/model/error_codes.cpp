#include <boost/system/error_category.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "daytona/error.hpp"

namespace daytona::inline v0 {
namespace {

struct code_row {
  errc code;
  std::string_view text;
  std::optional<condition> group;
};

constexpr auto code_rows = std::to_array<code_row>({
    {errc::invalid_argument, "an argument breaks a rule", condition::bad_request},
    {errc::client_closed, "the client is closed", {}},
    {errc::timeout, "the deadline passed", condition::timeout},
    {errc::connection_failed, "no connection came about", condition::connection},
    {errc::too_many_waiting, "too many calls wait for a connection", {}},
    {errc::connection_lost, "the connection was lost", condition::connection},
    {errc::tls_failed, "the TLS handshake failed", condition::connection},
    {errc::proxy_failed, "the proxy refused or broke the tunnel", condition::connection},
    {errc::proxy_authentication, "the proxy did not accept the credentials", condition::connection},
    {errc::protocol_violation, "the peer broke the protocol", {}},
    {errc::response_too_large, "the answer is too large", {}},
    {errc::slow_consumer, "the stream was not read fast enough", condition::connection},
    {errc::invalid_response, "the answer does not decode", {}},
    {errc::bad_request, "bad request", condition::bad_request},
    {errc::authentication, "authentication failed", condition::authentication},
    {errc::forbidden, "forbidden", condition::forbidden},
    {errc::not_found, "not found", condition::not_found},
    {errc::request_timeout, "the server gave up waiting", condition::timeout},
    {errc::conflict, "conflict", condition::conflict},
    {errc::gone, "gone", condition::gone},
    {errc::unprocessable_entity, "unprocessable entity", condition::unprocessable_entity},
    {errc::rate_limit, "too many requests", condition::rate_limit},
    {errc::internal_server_error, "internal server error", condition::internal_server_error},
    {errc::bad_gateway, "bad gateway", condition::bad_gateway},
    {errc::service_unavailable, "service unavailable", condition::service_unavailable},
    {errc::unexpected_status, "unexpected status", {}},
    {errc::sandbox_failed, "the sandbox failed", {}},
    {errc::sandbox_destroyed, "the sandbox was destroyed", {}},
    {errc::queue_timeout, "no runner took the sandbox in time", condition::timeout},
    {errc::spot_evicted, "the sandbox lost its spot capacity", {}},
    {errc::sandbox_gone, "the sandbox is gone", condition::not_found},
    {errc::sandbox_stopped, "the sandbox is not running", condition::conflict},
    {errc::git_auth_failed, "the git remote refused the credentials", condition::authentication},
    {errc::git_repo_not_found, "git repository not found", condition::not_found},
    {errc::git_branch_not_found, "git branch not found", condition::not_found},
    {errc::git_branch_exists, "git branch exists", condition::conflict},
    {errc::git_push_rejected, "git push rejected", condition::conflict},
    {errc::git_dirty_worktree, "uncommitted changes are in the way", condition::conflict},
    {errc::git_merge_conflict, "git merge conflict", condition::conflict},
    {errc::git_transport_failed, "the git remote can't be reached", condition::bad_gateway},
    {errc::git_remote_rejected, "the git remote rejected the change", condition::unprocessable_entity},
    {errc::file_not_found, "file not found", condition::not_found},
    {errc::file_access_denied, "file access denied", condition::forbidden},
    {errc::invalid_file_path, "invalid file path", condition::bad_request},
    {errc::file_read_failed, "file can't be read", condition::internal_server_error},
    {errc::lsp_server_not_initialized, "the language server is not started", condition::bad_request},
    {errc::process_execution_timeout, "the command outlived its timeout", condition::timeout},
    {errc::process_not_found, "process not found", condition::not_found},
    {errc::session_ended, "the session has ended", condition::gone},
    {errc::command_already_completed, "the command has completed", condition::gone},
    {errc::a11y_unavailable, "accessibility is unavailable", condition::service_unavailable},
    {errc::recording_still_active, "the recording is still active", condition::conflict},
    {errc::recording_ffmpeg_not_found, "ffmpeg is not installed", condition::service_unavailable},
});

// The rows stand in the order of the codes, so that a code is looked up by its number.
constexpr bool in_order() {
  for (std::size_t i = 0; i < code_rows.size(); ++i)
    if (static_cast<std::size_t>(code_rows[i].code) != i + 1) return false;
  return true;
}
static_assert(in_order());
static_assert(static_cast<std::size_t>(errc::recording_ffmpeg_not_found) == code_rows.size());

const code_row* find_code(int code) noexcept {
  if (code < 1 || static_cast<std::size_t>(code) > code_rows.size()) return nullptr;
  return &code_rows[static_cast<std::size_t>(code) - 1];
}

constexpr auto condition_texts = std::to_array<std::string_view>({
    "bad request",
    "authentication",
    "forbidden",
    "not found",
    "timeout",
    "conflict",
    "gone",
    "unprocessable entity",
    "rate limit",
    "internal server error",
    "bad gateway",
    "service unavailable",
    "connection",
});
static_assert(static_cast<std::size_t>(condition::connection) == condition_texts.size());

// Boost's categories are never deleted, and their destructor is neither public nor virtual.
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"

// Constant-initialized and trivially destroyed (the base is constexpr): no order of initialization to get wrong.
class codes final : public boost::system::error_category {
 public:
  constexpr codes() noexcept : error_category(0x6b1d'4c52'90a7'e3f8) {}
  const char* name() const noexcept override { return "daytona"; }
  std::string message(int code) const override {
    const code_row* row = find_code(code);
    return row ? std::string(row->text) : "unknown daytona error " + std::to_string(code);
  }
  boost::system::error_condition default_error_condition(int code) const noexcept override {
    const code_row* row = find_code(code);
    if (row && row->group) return make_error_condition(*row->group);
    return {code, *this};
  }
};

class conditions final : public boost::system::error_category {
 public:
  constexpr conditions() noexcept : error_category(0x2f90'83de'117c'b645) {}
  const char* name() const noexcept override { return "daytona.condition"; }
  std::string message(int group) const override {
    const auto index = static_cast<std::size_t>(group) - 1;
    return index < condition_texts.size() ? std::string(condition_texts[index]) : "unknown daytona condition";
  }
};

constexpr codes codes_instance;
constexpr conditions conditions_instance;

}  // namespace

const boost::system::error_category& error_category() noexcept { return codes_instance; }
const boost::system::error_category& condition_category() noexcept { return conditions_instance; }

boost::system::error_code make_error_code(errc code) noexcept { return {static_cast<int>(code), codes_instance}; }
boost::system::error_condition make_error_condition(condition group) noexcept {
  return {static_cast<int>(group), conditions_instance};
}

std::string_view to_string(phase where) noexcept {
  switch (where) {
    case phase::none:
      return "no phase";
    case phase::waiting_for_connection:
      return "waiting for a connection";
    case phase::resolve:
      return "resolve";
    case phase::connect:
      return "connect";
    case phase::proxy:
      return "proxy";
    case phase::tls:
      return "TLS";
    case phase::upgrade:
      return "upgrade";
    case phase::send:
      return "send";
    case phase::headers:
      return "headers";
    case phase::body:
      return "body";
    case phase::retry:
      return "waiting to retry";
    case phase::waiting_state:
      return "waiting for a state";
  }
  return "unknown phase";
}

}  // namespace daytona::inline v0
