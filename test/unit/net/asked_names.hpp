#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "net/resolver.hpp"

namespace daytona::net {

struct answer {
  std::vector<asio::ip::address> found;
  error_code ec;
};

inline awaitable<answer> ask(resolver& names, std::string host, std::optional<std::chrono::nanoseconds> limit) {
  const auto op = co_await begin_operation(limit);
  answer result;
  result.found = co_await names.resolve(*op, std::move(host), result.ec);
  co_return result;
}

inline answer resolve(resolver& names, std::string host, std::optional<std::chrono::nanoseconds> limit = std::nullopt) {
  asio::io_context io;
  answer result;
  asio::co_spawn(io, ask(names, std::move(host), limit), [&](std::exception_ptr failure, answer told) {
    if (failure) std::rethrow_exception(failure);
    result = std::move(told);
  });
  io.run();
  return result;
}

/// Answers questions when the test lets it, and counts them.
class slow_names {
 public:
  name_lookup lookup() {
    return [this](const std::string&) {
      ++asked;
      std::unique_lock lock{mutex_};
      changed_.wait(lock, [this] { return open_; });
      return fails ? lookup_result{{}, asio::error::host_not_found}
                   : lookup_result{{asio::ip::make_address("192.0.2.7")}, {}};
    };
  }
  void let_go() {
    const std::lock_guard lock{mutex_};
    open_ = true;
    changed_.notify_all();
  }
  std::atomic<int> asked{0};
  std::atomic<bool> fails{false};

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

}  // namespace daytona::net
