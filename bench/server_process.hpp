#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "server_child.hpp"

namespace daytona::bench {

/// What the server counts, in memory that both processes see.
struct server_counts {
  std::atomic<std::size_t> handshakes{0};
  std::atomic<std::size_t> resumed{0};  ///< Of these, the ones that took up a former session.
};

struct server_options {
  int cpu = 1;                   ///< Pinned to it, if there is one.
  std::string certificate, key;  ///< PEM; empty = no TLS.
  bool resumable = true;         ///< Whether TLS sessions may be taken up again.
};

/// The peer of all measured callers: a process of its own that answers with the bodies of `bodies.hpp` and spends as little as it can. It ends with
/// this object, or with the process that made it. A request that holds the word "forever" gets no answer.
class server_process {
 public:
  /// To be made before any thread is.
  explicit server_process(const server_options& options = {});

  std::uint16_t port() const noexcept { return port_; }
  std::uint16_t tls_port() const noexcept { return tls_port_; }
  const server_counts& counts() const noexcept { return *counts_; }

 private:
  std::uint16_t port_ = 0, tls_port_ = 0;
  std::unique_ptr<server_counts, void (*)(server_counts*)> counts_;
  server_child child_;
};

}  // namespace daytona::bench
