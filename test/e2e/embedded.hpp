#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <utility>

/// Runs `work` on a context of its own until nothing is left to do there.
inline void run(boost::asio::awaitable<void> work) {
  boost::asio::io_context io;
  std::exception_ptr failure;
  boost::asio::co_spawn(io, std::move(work), [&](std::exception_ptr ended) { failure = ended; });
  io.run();
  if (failure) std::rethrow_exception(failure);
}
