#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>

#include "local/isolation/unique_fd.hpp"

namespace daytona::local {

/// The running `daytona-toolbox host-helper`: a child that is told to end by closing its socket, and reaped by its pidfd, so that no signal handler of
/// the embedding process is needed or disturbed.
class helper_process {
 public:
  /// Throws `daytona::error`.
  explicit helper_process(const std::filesystem::path& program);
  /// Closes the socket, and waits for the helper, which ends every sandbox first, if `reap()` has not.
  ~helper_process();
  helper_process(const helper_process&) = delete;
  helper_process& operator=(const helper_process&) = delete;

  int socket() const { return socket_.get(); }
  /// Readable once the helper has ended.
  int pidfd() const { return pidfd_.get(); }
  unique_fd release_socket() { return std::move(socket_); }
  /// Waits at most `limit`; false if it still runs then.
  bool reap(std::chrono::milliseconds limit);

 private:
  unique_fd socket_;
  unique_fd pidfd_;
  pid_t process_ = -1;
};

}  // namespace daytona::local
