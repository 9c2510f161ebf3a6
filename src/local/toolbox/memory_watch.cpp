#include "local/toolbox/memory_watch.hpp"

#include <signal.h>

#include <algorithm>

namespace daytona::local::toolbox {

namespace {

using steady_clock = std::chrono::steady_clock;

// Looking at thousands of processes takes a while; most of the time is theirs.
constexpr int share_of_time = 10;

std::string mebibytes(std::uint64_t bytes) { return std::to_string(bytes / (1024 * 1024)) + " MiB"; }

}  // namespace

memory_watch::memory_watch(const boost::asio::any_io_executor& executor, std::uint64_t limit)
    : timer_{executor}, limit_{limit} {}

void memory_watch::wake() {
  rest_.forget();
  if (limit_ == 0 || looking_) return;
  looking_ = true;
  look_after(shortest_look);
}

void memory_watch::look_after(steady_clock::duration pause) {
  last_pause_ = pause;
  timer_.expires_after(pause);
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error) look();
  });
}

void memory_watch::look() {
  if (rest_.still_rest()) return look_after(last_pause_);
  const auto start = steady_clock::now();
  auto use = count_at_most();
  if (use.processes.empty()) {
    looking_ = false;
    return;
  }
  remember(use);
  if (use.total() > limit_) use = count_exactly();
  const bool exceeded = use.total() > limit_;
  if (const auto* largest = use.largest(); exceeded && largest != nullptr && !still_ending()) end(*largest);
  const steady_clock::duration wanted = next_look(use.total(), limit_);
  look_after(exceeded ? wanted : std::max(wanted, (steady_clock::now() - start) * share_of_time));
}

void memory_watch::remember(const memory_use& use) {
  std::vector<pid_t> processes;
  processes.reserve(use.processes.size());
  for (const auto& each : use.processes) processes.push_back(each.process);
  if (use.total() > limit_)
    rest_.forget();  // looked at until it is not
  else
    rest_.remember(processes);
}

void memory_watch::end(const process_memory& which) {
  last_end_ = "over the memory limit of " + mebibytes(limit_) + ": ended " + name_of(which.process) + ", which held " +
              mebibytes(which.all());
  ++ended_;
  ending_ = which.process;
  ::kill(which.process, SIGKILL);
}

// A process that is ending gives its memory back bit by bit: the next one is not to blame for it.
bool memory_watch::still_ending() const {
  if (ending_ == 0) return false;
  const auto use = count_at_most();
  return std::ranges::any_of(use.processes,
                             [this](const auto& each) { return each.process == ending_ && each.all() > 0; });
}

}  // namespace daytona::local::toolbox
