#include "kit/fixture.hpp"

#include <boost/asio/steady_timer.hpp>
#include <dirent.h>
#include <doctest/doctest.h>

#include <memory>

namespace daytona::test {

std::size_t open_descriptors() {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory{::opendir("/proc/self/fd"), ::closedir};
  std::size_t count = 0;
  while (::readdir(directory.get()) != nullptr) ++count;
  return count;
}

namespace {

/// How long to wait for what the kernel may still bring before time is moved. On a busy machine that may be long, so it is long where a pause would
/// be a mistake: before a deadline that ends a call, and where nothing is waited for in time at all.
std::chrono::milliseconds patience_before(std::optional<net::steady_time> next, net::steady_time now,
                                          std::chrono::milliseconds grace) {
  constexpr std::chrono::seconds usual_pause{1};
  if (next && *next <= now + usual_pause) return grace;
  return next ? 3 * grace : 100 * grace;
}

}  // namespace

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
    const auto next = timers_.next();
    const auto patience = patience_before(next, timers_.now(), kernel_grace);
    if (patience.count() > 0 && io_.run_one_for(patience) > 0) continue;
    if (!next) throw std::logic_error("the coroutine hangs: nothing runs, and no deadline is set");
    if (on_pause) on_pause();
    io_.restart();
    if (io_.poll() == 0) timers_.advance_to(*next);
  }
  settle();
}

void fixture::settle() {
  io_.restart();
  while (io_.poll() > 0) io_.restart();
}

}  // namespace daytona::test
