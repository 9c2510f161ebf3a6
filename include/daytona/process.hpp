#pragma once

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daytona/detail/export.hpp"
#include "daytona/execution.hpp"

namespace daytona::inline v0 {

namespace detail {
struct sandbox_core;
}

/// Runs commands and code in one sandbox. A cheap handle that shares the sandbox's state and may outlive every other handle.
class DAYTONA_API process {
 public:
  /// Runs `command` in a shell inside the sandbox and waits for it to end.
  ///
  /// Success means that the shell ran: a command that fails is a result with its exit code, not an error. The command's standard input is empty.
  ///
  /// **Errors**: `errc::invalid_argument` (a `bad_request_error`), nothing sent, if `command` is blank, a text is no UTF-8 or holds NUL, a name in `options.env` is
  /// malformed or `options.timeout` is negative. `timeout_error` if the command outlived `options.timeout` (its process group was killed, code
  /// `errc::process_execution_timeout`) or the call its deadline (`errc::timeout`, `phase()` says where). If the sandbox can't be reached, one
  /// question for its state tells why: `errc::sandbox_gone` (a `not_found_error`), `errc::sandbox_stopped` (a `conflict_error`), or a transient error.
  /// **Cancellation**: ends at once. Once the request was sent the command may run on in the sandbox.
  /// **Timeout**: `options.timeout`. **Retry**: only while nothing was sent. **Thread safety**: safe on a shared handle.
  ///
  /// Endpoint: `POST /process/execute`. Example: samples/quickstart.cpp.
  boost::asio::awaitable<execute_response> exec(std::string_view command, exec_options options = exec_options()) const;

  /// Runs the program `argv[0]` with exactly these arguments: each is quoted for the shell, none is split, expanded or interpreted.
  ///
  /// **Errors**: as `exec(command)`; `errc::invalid_argument` also if `argv` is empty, its program is, or an argument holds a NUL byte.
  /// **Cancellation**, **Timeout**, **Retry**, **Thread safety**: as `exec(command)`.
  ///
  /// Endpoint: `POST /process/execute`.
  boost::asio::awaitable<execute_response> exec(std::vector<std::string> argv,
                                                exec_options options = exec_options()) const;

  /// Runs `code` in the sandbox's language (its label `code-toolbox-language`) and waits for it to end.
  ///
  /// Charts that a python program shows with matplotlib come back typed, in `artifacts.charts`.
  ///
  /// **Errors**: as `exec`; `errc::invalid_argument` if `code` is empty.
  /// **Cancellation**, **Timeout**, **Retry**, **Thread safety**: as `exec`.
  ///
  /// Endpoint: `POST /process/code-run`. Example: samples/charts.cpp.
  boost::asio::awaitable<execute_response> code_run(std::string_view code,
                                                    code_run_params params = code_run_params()) const;

 private:
  friend class sandbox;
  explicit process(std::shared_ptr<detail::sandbox_core> core);
  std::shared_ptr<detail::sandbox_core> core_;
};

}  // namespace daytona::inline v0
