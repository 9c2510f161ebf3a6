#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daytona/detail/export.hpp"

namespace daytona::inline v0 {

/// What went wrong, as precisely as it is known. Every `daytona::error::code()` that the library makes itself is one of these, except a caller's
/// own cancellation, which stays `boost::asio::error::operation_aborted`.
enum class errc {
  invalid_argument = 1,  ///< The caller's argument breaks a rule; nothing was sent.
  client_closed,         ///< `client::close()` was called before.
  timeout,               ///< The call's deadline passed; `error::phase()` says where.
  connection_failed,     ///< No connection came about (refused, unreachable, name not found).
  too_many_waiting,  ///< As many calls as `config::max_waiting_calls_per_origin` wait for a connection already; nothing was sent.
  connection_lost,  ///< The connection ended before the answer was complete.
  tls_failed,       ///< The TLS handshake failed, or the certificate was not accepted.
  proxy_failed,  ///< The proxy can't be reached, or refused or broke the tunnel; `error::http_status()` is its answer's.
  proxy_authentication,  ///< The proxy wants other credentials than it was given, if any (407).
  protocol_violation,    ///< The peer sent what is not HTTP.
  response_too_large,    ///< A header or body passed the configured limit.
  slow_consumer,  ///< The server ended a stream because what it sent was not taken fast enough; `error::close_code()` is 1008.
  invalid_response,  ///< A complete answer that does not decode (not JSON, wrong type, missing member).

  bad_request,            ///< 400
  authentication,         ///< 401
  forbidden,              ///< 403
  not_found,              ///< 404
  request_timeout,        ///< 408 and 504: the server gave up
  conflict,               ///< 409
  gone,                   ///< 410
  unprocessable_entity,   ///< 422
  rate_limit,             ///< 429
  internal_server_error,  ///< 500
  bad_gateway,            ///< 502
  service_unavailable,    ///< 503
  unexpected_status,      ///< Any other status that is not a success

  sandbox_failed,  ///< The sandbox entered `error` or `build_failed` while it was waited for, or is in it and was called.
  sandbox_destroyed,  ///< The sandbox was destroyed while it was waited for.
  queue_timeout,      ///< No runner took the sandbox within its queue timeout.
  spot_evicted,       ///< The sandbox lost its spot capacity.
  sandbox_gone,       ///< A call to a sandbox failed because the sandbox was destroyed.
  sandbox_stopped,    ///< A call to a sandbox failed because it is stopped, archived or paused.

  git_auth_failed,
  git_repo_not_found,
  git_branch_not_found,
  git_branch_exists,
  git_push_rejected,
  git_dirty_worktree,
  git_merge_conflict,
  git_transport_failed,
  git_remote_rejected,
  file_not_found,
  file_access_denied,
  invalid_file_path,
  file_read_failed,
  lsp_server_not_initialized,
  process_execution_timeout,  ///< The command outlived its own timeout and was killed, or the program was interrupted.
  process_not_found,
  session_ended,
  command_already_completed,
  a11y_unavailable,
  recording_still_active,
  recording_ffmpeg_not_found,
};

/// Groups of codes, to compare a code with: `e.code() == daytona::condition::not_found` also holds for `file_not_found`.
enum class condition {
  bad_request = 1,
  authentication,
  forbidden,
  not_found,
  timeout,
  conflict,
  gone,
  unprocessable_entity,
  rate_limit,
  internal_server_error,
  bad_gateway,
  service_unavailable,
  connection,
};

DAYTONA_API const boost::system::error_category& error_category() noexcept;
DAYTONA_API const boost::system::error_category& condition_category() noexcept;
DAYTONA_API boost::system::error_code make_error_code(errc code) noexcept;
DAYTONA_API boost::system::error_condition make_error_condition(condition group) noexcept;

/// Where a call was when it ended.
enum class phase {
  none,                    ///< Not under way: an argument was refused, or the error has no place in time.
  waiting_for_connection,  ///< Waiting for a slot of the connection pool.
  resolve,
  connect,
  proxy,
  tls,
  upgrade,
  send,
  headers,  ///< The request was sent; waiting for the answer's header.
  body,
  retry,          ///< Waiting between two attempts.
  waiting_state,  ///< Waiting for a sandbox to reach a state.
};
DAYTONA_API std::string_view to_string(phase where) noexcept;

/// What became of a sandbox that a failed or cancelled `create` had already brought into being.
enum class create_remains {
  none,            ///< No sandbox is known to have come into being.
  removed,         ///< It was removed.
  kept,            ///< It was kept (`create_options::keep_on_failure`); `error::sandbox_id()` names it.
  removal_failed,  ///< It could not be removed within its bound; `error::sandbox_id()` names it.
};

/// All that is known about a failure. Absent members were not known.
struct error_details {
  std::string operation;  ///< What was being done, in the words of the message ("execute command").
  daytona::phase phase = daytona::phase::none;  ///< Where it was.
  std::optional<unsigned> http_status;          ///< Of the service's answer, or of the proxy's that opened no tunnel.
  std::string server_code;                      ///< The answer's `code`, verbatim (also when unknown here).
  std::string source;                           ///< The answer's `source`: DAYTONA_API, DAYTONA_DAEMON, DAYTONA_PROXY.
  std::string server_message;                   ///< The answer's message: untrusted text.
  std::string request_id;                       ///< The answer's `X-Request-Id`.
  std::string url;                              ///< Method and URL, without credentials and query.
  std::vector<std::pair<std::string, std::string>> headers;  ///< The answer's, in its order.
  std::optional<std::chrono::milliseconds> retry_after;      ///< How long the answer asks to wait, in whatever form.
  std::string stdout_, stderr_;             ///< What a program had put out when `code_interpreter::run_code` failed.
  std::optional<std::uint16_t> close_code;  ///< Of the close frame that ended a WebSocket; absent if none came.
  std::string sandbox_id;                   ///< Of the sandbox that it is about, if known.
  create_remains remains = create_remains::none;  ///< Of a `create`.
  boost::system::error_code cause;                ///< The system's, OpenSSL's or resolver's own code beneath `code()`.
  bool answered = false;      ///< The service answered with an error, as opposed to no usable answer.
  bool request_sent = false;  ///< At least one byte of the request left this process: it may have run.
  bool idempotent = false;    ///< Running the request twice has the effect of running it once.
};

/// The one base of everything the library throws. Copying is cheap and does not throw.
class DAYTONA_API error : public boost::system::system_error {
 public:
  error(boost::system::error_code code, const std::string& message, error_details details = error_details());

  /// The message alone. `what()` is the same text.
  const std::string& message() const noexcept;
  const std::string& operation() const noexcept { return details_->operation; }
  daytona::phase phase() const noexcept { return details_->phase; }
  std::optional<unsigned> http_status() const noexcept { return details_->http_status; }
  const std::string& server_code() const noexcept { return details_->server_code; }
  const std::string& source() const noexcept { return details_->source; }
  const std::string& server_message() const noexcept { return details_->server_message; }
  const std::string& request_id() const noexcept { return details_->request_id; }
  const std::string& url() const noexcept { return details_->url; }
  const std::vector<std::pair<std::string, std::string>>& headers() const noexcept { return details_->headers; }
  std::optional<std::chrono::milliseconds> retry_after() const noexcept { return details_->retry_after; }
  const std::string& sandbox_id() const noexcept { return details_->sandbox_id; }
  /// The code of the close frame that ended a WebSocket; absent if none came.
  std::optional<std::uint16_t> close_code() const noexcept { return details_->close_code; }
  create_remains remains() const noexcept { return details_->remains; }
  const error_details& details() const noexcept { return *details_; }
  const char* what() const noexcept override;

 private:
  std::shared_ptr<const std::string> message_;
  std::shared_ptr<const error_details> details_;
};

/// An argument that breaks a rule (`errc::invalid_argument`, nothing sent) or an answer 400.
class DAYTONA_API bad_request_error : public error {
  using error::error;
};
/// 401, or credentials that are missing altogether.
class DAYTONA_API authentication_error : public error {
  using error::error;
};
/// 403
class DAYTONA_API forbidden_error : public error {
  using error::error;
};
/// 404, and `errc::sandbox_gone`
class DAYTONA_API not_found_error : public error {
  using error::error;
};
/// A deadline of this process passed (`errc::timeout`), or the server gave up (408, 504, a command's own timeout).
class DAYTONA_API timeout_error : public error {
  using error::error;
};
/// 409, and `errc::sandbox_stopped`
class DAYTONA_API conflict_error : public error {
  using error::error;
};
/// 410
class DAYTONA_API gone_error : public error {
  using error::error;
};
/// 422
class DAYTONA_API unprocessable_entity_error : public error {
  using error::error;
};
/// One of the server's limits, as an answer's headers told it. Absent = not told.
struct rate_limit {
  std::string name;                           ///< The limit's name, for example `sandbox-create`; empty = it has none.
  std::optional<std::int64_t> limit;          ///< Calls allowed in a period.
  std::optional<std::int64_t> remaining;      ///< Calls left of them.
  std::optional<std::chrono::seconds> reset;  ///< Until the period ends.
};

/// 429; `retry_after()` says when to come back, `limits()` what was exceeded.
class DAYTONA_API rate_limit_error : public error {
 public:
  using error::error;
  /// What the headers told of limits, in the order of the headers.
  std::vector<rate_limit> limits() const;
};
/// 500
class DAYTONA_API internal_server_error : public error {
  using error::error;
};
/// 502
class DAYTONA_API bad_gateway_error : public error {
  using error::error;
};
/// 503
class DAYTONA_API service_unavailable_error : public error {
  using error::error;
};
/// No complete answer: connecting, TLS, the proxy or the connection itself failed.
class DAYTONA_API connection_error : public error {
  using error::error;
};
/// The sandbox was destroyed because no runner took it within its queue timeout.
class DAYTONA_API queue_timeout_error : public timeout_error {
  using timeout_error::timeout_error;
};
/// The sandbox lost its spot capacity.
class DAYTONA_API spot_evicted_error : public error {
  using error::error;
};

/// Whether the same call may well succeed a little later without anything being changed: no answer, too many calls waiting, 408, 429, 502, 503, 504, or a 409 of a state
/// change under way. Says nothing about whether the failed call ran.
DAYTONA_API bool is_transient(const error& e) noexcept;
/// Whether repeating the call is known to be safe: it is transient and its request provably did not run, or was idempotent.
DAYTONA_API bool is_retryable(const error& e) noexcept;

}  // namespace daytona::inline v0

template <>
struct boost::system::is_error_code_enum<daytona::errc> : std::true_type {};
template <>
struct boost::system::is_error_condition_enum<daytona::condition> : std::true_type {};
