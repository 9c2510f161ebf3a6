#pragma once

#include <sys/types.h>

#include <cstdint>

#include "unique_fd.hpp"

namespace daytona::bench {

/// The peer of all measured callers: a process of its own that answers from bench/data and spends as little as it can. It ends with this object, or
/// with the process that made it.
class server_process {
 public:
  /// Pinned to `cpu` if that exists. To be made before any thread is.
  explicit server_process(int cpu = 1);
  ~server_process();
  server_process(const server_process&) = delete;
  server_process& operator=(const server_process&) = delete;

  std::uint16_t port() const noexcept { return port_; }

 private:
  std::uint16_t port_ = 0;
  unique_fd alive_;  // the child reads the other end and leaves at its end
  pid_t child_ = -1;
};

}  // namespace daytona::bench
