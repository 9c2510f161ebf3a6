#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <memory>

#include "local/http/alarm.hpp"
#include "local/toolbox/interpreter/worker.hpp"

namespace daytona::local::toolbox {

/// Ends a program that takes too long: interrupts it, a second later together with the processes that it waits for, and after two kills its worker.
class time_limit : public std::enable_shared_from_this<time_limit> {
 public:
  static std::shared_ptr<time_limit> start(const boost::asio::any_io_executor& executor, std::shared_ptr<worker> runs,
                                           std::shared_ptr<execution> program);

  /// Whether the time was over.
  bool has_passed() const { return step_ > 0; }
  void stop();

 private:
  time_limit(std::shared_ptr<worker> runs, std::shared_ptr<execution> program);
  void on_time();

  std::shared_ptr<worker> worker_;
  std::shared_ptr<execution> program_;
  std::shared_ptr<http::alarm> alarm_;
  std::size_t step_ = 0;
};

}  // namespace daytona::local::toolbox
