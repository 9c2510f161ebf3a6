#include "kit/fixture.hpp"

#include <boost/asio/steady_timer.hpp>
#include <dirent.h>
#include <doctest/doctest.h>

#include <memory>

#include "kit/kernel_traffic.hpp"

namespace daytona::test {

namespace {

/// Where nothing is waited for in time, a thread that looks up a name may still have something to bring.
constexpr std::chrono::seconds patience_with_threads{2};

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
    if (through_kernel && await_others()) continue;
    io_.restart();
    const auto next = timers_.next();
    if (!next && through_kernel && io_.run_one_for(patience_with_threads) > 0) continue;
    if (!next) throw std::logic_error("the coroutine hangs: nothing runs, and no deadline is set");
    if (on_pause) on_pause();
    io_.restart();
    if (io_.poll() == 0) timers_.advance_to(*next);
  }
  settle();
}

bool fixture::await_others() {
  constexpr std::chrono::milliseconds glance{1};
  constexpr int most_glances = 2000;
  const auto is_due = [this] { return (is_awaiting_thread && is_awaiting_thread()) || traffic_under_way(); };
  for (int n = 0; n < most_glances && is_due(); ++n) {
    io_.restart();
    if (io_.run_one_for(glance) > 0) return true;
  }
  return false;
}

void fixture::settle() {
  io_.restart();
  while (io_.poll() > 0) io_.restart();
}

}  // namespace daytona::test
