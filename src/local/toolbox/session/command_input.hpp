#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstdint>
#include <memory>
#include <string>

#include "local/isolation/unique_fd.hpp"
#include "local/toolbox/change.hpp"

namespace daytona::local::toolbox {

/// The standard input of a running command: what is sent reaches it in the order of sending, as fast as it reads.
class command_input : public std::enable_shared_from_this<command_input> {
 public:
  /// `end` is non-blocking, of a FIFO that stays open.
  command_input(const boost::asio::any_io_executor& executor, unique_fd end);

  /// Ends when all of it was taken; false if this was closed before.
  static boost::asio::awaitable<bool> send(std::shared_ptr<command_input> self, std::string data);
  void close();

 private:
  static boost::asio::awaitable<void> write_all(std::shared_ptr<command_input> self);

  boost::asio::posix::stream_descriptor end_;
  change progress_;
  std::string waiting_;
  std::uint64_t queued_ = 0;  // bytes, since the start
  std::uint64_t written_ = 0;
  bool is_writing_ = false;
};

}  // namespace daytona::local::toolbox
