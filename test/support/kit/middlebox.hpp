#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "kit/fixture.hpp"

namespace daytona::test {

/// What a middlebox does to the bytes of one direction.
struct flow {
  enum class end { close, reset, stall };

  std::optional<std::size_t> cut_at;        ///< After so many bytes both sides lose their connection:
  end by = end::close;                      ///< by an orderly end, by a reset, or by nothing that they could notice.
  std::optional<std::size_t> duplicate_at;  ///< The byte at this place is passed on twice.
  std::size_t piece = 0;                    ///< Passed on in pieces of so many bytes; 0 = as they come.
  std::chrono::nanoseconds delay{0};        ///< Before each piece, by the clock moved by hand.
};

/// What stands between a client and its server on loopback, in the io_context of the test, and does not leave their bytes alone.
class middlebox {
 public:
  middlebox(asio::io_context& io, std::uint16_t server_port);
  ~middlebox();
  middlebox(const middlebox&) = delete;
  middlebox& operator=(const middlebox&) = delete;

  std::uint16_t port() const;
  /// For connections that are made from now on.
  void treat(flow to_server, flow to_client);
  /// From now on it forgets a connection over which nothing has passed for so long, by the clock moved by hand: nothing passes any longer, and neither side is told.
  void forget_after(std::chrono::nanoseconds silence);
  /// Forgets those there are.
  void forget();
  void stop();

  std::size_t connections() const;
  std::size_t forgotten() const;  ///< Of them.
  std::size_t bytes_to_server() const;
  std::size_t bytes_to_client() const;

 private:
  class state;
  std::shared_ptr<state> state_;
};

}  // namespace daytona::test
