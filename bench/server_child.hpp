#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <cstdint>

#include "unique_fd.hpp"

namespace daytona::bench {

/// A socket that listens on a free port of loopback.
unique_fd listen_on_loopback(std::uint16_t& port, int backlog);

/// A server's process: it ends with this object, or with the process that made it.
class server_child {
 public:
  /// To be made before any thread is.
  server_child();
  ~server_child();
  server_child(const server_child&) = delete;
  server_child& operator=(const server_child&) = delete;

  /// What comes to its end when the server has to: once, before `run`.
  unique_fd owner();

  /// Lets `its` run on `cpu`, if there is one, in a process of its own.
  template <class Server>
  void run(Server& its, int cpu) {
    if (!fork(cpu)) return;
    try {
      its.run();
      ::_exit(0);
    } catch (...) {
      ::_exit(1);
    }
  }

 private:
  /// True in the child.
  bool fork(int cpu);

  unique_fd owner_, alive_;  // the child reads the one, and leaves when the other is closed
  pid_t child_ = -1;
};

}  // namespace daytona::bench
