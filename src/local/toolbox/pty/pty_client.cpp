#include "local/toolbox/pty/pty_client.hpp"

#include <utility>

namespace daytona::local::toolbox {

namespace {

/// Bytes, with what a piece takes besides: output that comes byte by byte takes many times its size.
std::size_t weight_of(const pty_client::piece& output) {
  constexpr std::size_t beside = 128;
  return output->size() + beside;
}

}  // namespace

pty_client::pty_client(const boost::asio::any_io_executor& executor, std::function<void()> took)
    : took_{std::move(took)}, clock_{net::timers_of(executor)}, changed_{executor} {}

void pty_client::put(piece output) {
  if (waiting_ == 0) idle_since_ = clock_.now();
  waiting_ += weight_of(output);
  pieces_.push_back(std::move(output));
  changed_.tell();
}

void pty_client::end(pty_end how) {
  end_ = std::move(how);
  changed_.tell();
}

void pty_client::drop() {
  was_dropped_ = true;
  pieces_.clear();
  changed_.tell();
}

pty_client::piece pty_client::take() {
  if (pieces_.empty()) return nullptr;
  auto output = std::move(pieces_.front());
  pieces_.pop_front();
  return output;
}

void pty_client::has_taken(const piece& output) {
  waiting_ -= weight_of(output);
  idle_since_ = clock_.now();
  took_();
}

}  // namespace daytona::local::toolbox
