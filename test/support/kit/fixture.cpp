#include "kit/fixture.hpp"

#include <boost/asio/steady_timer.hpp>
#include <dirent.h>
#include <doctest/doctest.h>

#include <memory>

namespace daytona::test {

namespace {

constexpr auto kernel_grace = std::chrono::milliseconds(20);  // loopback delivers at once, but not always on this CPU

}  // namespace

std::size_t open_descriptors() {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory{::opendir("/proc/self/fd"), ::closedir};
  std::size_t count = 0;
  while (::readdir(directory.get()) != nullptr) ++count;
  return count;
}

fixture::fixture() : timers_(net::timers_of(io_.get_executor())) {
  const asio::steady_timer first{io_};  // the reactor's own descriptors come with the first object that needs it
  start_ = net::steady_time(std::chrono::hours(24));
  timers_.use_manual_clock(start_);
  descriptors_before_ = open_descriptors();
}

fixture::~fixture() {
  settle();
  CHECK_MESSAGE(timers_.size() == 0, "a deadline is left behind");
  io_.restart();
  CHECK_MESSAGE(io_.poll() == 0, "work is left behind");
  CHECK_MESSAGE(open_descriptors() == descriptors_before_, "a descriptor is left behind");
}

std::chrono::nanoseconds fixture::elapsed() const { return timers_.now() - start_; }

void fixture::run_until(const std::function<bool()>& done) {
  while (!done()) {
    io_.restart();
    if (io_.poll() > 0) continue;
    io_.restart();
    if (io_.run_one_for(kernel_grace) > 0) continue;
    const auto next = timers_.next();
    if (!next) throw std::logic_error("the coroutine hangs: nothing runs, and no deadline is set");
    timers_.advance_to(*next);
  }
  settle();
}

void fixture::settle() {
  io_.restart();
  while (io_.poll() > 0) io_.restart();
}

}  // namespace daytona::test
