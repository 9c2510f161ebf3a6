#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "server_child.hpp"
#include "unique_fd.hpp"

namespace daytona::bench {

/// The peer of streams: a process of its own that answers every request for a WebSocket. What it says depends on the path: a log of `bulk-SIZE`, in frames of
/// 4 KiB with one marker each, or of `lines-SIZE`, in frames of 4 KiB cut anywhere with a marker at each line of 80 bytes, and the close; of `tick`, 128 bytes
/// a second; of `idle`, nothing. A terminal, and the path `/echo`, send back what comes. Other requests get a sandbox whose toolbox it is.
class stream_server {
 public:
  /// To be made before any thread is.
  stream_server();

  std::uint16_t port() const noexcept { return port_; }

 private:
  std::uint16_t port_ = 0;
  server_child child_;
};

/// A client of it that knows nothing of the protocol: what the kernel alone costs.
class raw_stream {
 public:
  /// Opens a WebSocket at `path`.
  raw_stream(std::uint16_t port, const std::string& path);
  /// Reads to the end; returns the bytes of the log that came.
  std::uint64_t read_log();
  /// Sends `frame` and waits until as many bytes came back.
  void exchange(const std::string& frame, std::size_t answer);

 private:
  unique_fd socket_;
};

}  // namespace daytona::bench
