#include "local/toolbox/pty/pty_end.hpp"

#include <signal.h>
#include <sys/wait.h>

#include "model/json_writer.hpp"
#include "protocol/web_socket_frames.hpp"

namespace daytona::local::toolbox {

namespace {

constexpr int signalled = 128;  // a shell's exit codes above it are signals

int exit_code_of(int wait_status) {
  return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : signalled + WTERMSIG(wait_status);
}

std::string reason_of(int exit_code) {
  if (exit_code == 0) return {};
  if (exit_code <= signalled) return "non-zero exit";
  switch (exit_code - signalled) {
    case SIGINT:
      return "Ctrl+C";
    case SIGKILL:
      return "SIGKILL";
    case SIGTERM:
      return "SIGTERM";
    default:
      return "signal " + std::to_string(exit_code - signalled);
  }
}

void write_end(model::json_writer& out, const pty_end& end) {
  out.member("exitCode", end.exit_code);
  if (!end.reason.empty()) out.member("exitReason", end.reason);
}

std::string control_message(const char* status, const auto& write_more) {
  std::string text;
  model::json_writer out{text};
  out.begin_object();
  out.member("type", "control");
  out.member("status", status);
  write_more(out);
  out.end_object();
  return text;
}

}  // namespace

pty_end::pty_end(int wait_status, bool was_killed)
    : exit_code{was_killed ? signalled + SIGKILL : exit_code_of(wait_status)}, reason{reason_of(exit_code)} {}

std::uint16_t close_code_of(const pty_end& end) {
  namespace code = protocol::web_socket::close_code;
  return end.exit_code == 0 ? code::normal : code::internal_error;
}

std::string close_reason_of(const pty_end& end) {
  std::string text;
  model::json_writer out{text};
  out.begin_object();
  write_end(out, end);
  out.end_object();
  return text;
}

std::string exit_message(const pty_end& end) {
  return control_message("exited", [&](model::json_writer& out) { write_end(out, end); });
}

std::string connected_message() {
  return control_message("connected", [](model::json_writer&) {});
}

std::string error_message(const std::string& why) {
  return control_message("error", [&](model::json_writer& out) { out.member("error", why); });
}

}  // namespace daytona::local::toolbox
