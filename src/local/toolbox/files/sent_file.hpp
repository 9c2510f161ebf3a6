#pragma once

#include <boost/asio/awaitable.hpp>
#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "local/http/exchange.hpp"
#include "local/isolation/unique_fd.hpp"

namespace daytona::local::toolbox {

/// A regular file that is open for reading, and what the system says of it.
struct sent_file {
  unique_fd descriptor;
  struct stat status{};

  std::uint64_t size() const { return static_cast<std::uint64_t>(status.st_size); }
};

/// How much of a file is in memory while it is sent.
constexpr std::size_t sent_at_once = 256 * 1024;

/// Sends `length` bytes of a file from `start` on; all there are behind it if `length` is 0. Throws `std::runtime_error` if it has become shorter.
boost::asio::awaitable<void> send_part(http::exchange& exchange, const sent_file& file, std::uint64_t start,
                                       std::uint64_t length);

}  // namespace daytona::local::toolbox
