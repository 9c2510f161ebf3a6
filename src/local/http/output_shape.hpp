#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

#include "local/http/patient_writer.hpp"

namespace daytona::local::http {

/// How an answer leaves when it is to be disturbed: slowly, or cut.
class output_shape {
 public:
  output_shape(std::optional<std::uint64_t> cut_after, std::uint64_t bytes_per_second)
      : left_{cut_after}, bytes_per_second_{bytes_per_second} {}

  /// Writes `bytes`, which live until it is done. At the cut it closes the socket and throws `system_error`.
  boost::asio::awaitable<void> write(boost::asio::generic::stream_protocol::socket& socket, patient_writer& writer,
                                     std::string_view bytes);

 private:
  boost::asio::awaitable<void> write_slowly(boost::asio::generic::stream_protocol::socket& socket,
                                            patient_writer& writer, std::string_view bytes) const;

  std::optional<std::uint64_t> left_;
  std::uint64_t bytes_per_second_;
};

}  // namespace daytona::local::http
