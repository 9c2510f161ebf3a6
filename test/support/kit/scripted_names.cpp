#include "kit/scripted_names.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "kit/scripted_connector.hpp"

namespace daytona::test {

namespace {

constexpr std::chrono::milliseconds glance{1};
constexpr int most_glances = 10'000;

}  // namespace

class scripted_names::user {
 public:
  explicit user(scripted_names& of) : of_(of) {
    const std::lock_guard lock{of_.mutex_};
    ++of_.users_;
  }
  ~user() {
    const std::lock_guard lock{of_.mutex_};
    if (--of_.users_ == 0) of_.unused_.notify_all();
  }
  user(const user&) = delete;
  user& operator=(const user&) = delete;

  net::lookup_result ask() {
    static thread_local std::optional<user> thread;  // ends when nothing is left of the thread that the test could miss
    if (!thread) thread.emplace(of_);
    return of_.answer();
  }

 private:
  scripted_names& of_;
};

scripted_names::scripted_names(asio::io_context& io, std::shared_ptr<script> plot) : io_(io), plot_(std::move(plot)) {}

scripted_names::~scripted_names() {
  let_go();
  std::unique_lock lock{mutex_};
  for (int n = 0; n < most_glances && users_ > 0; ++n) {
    lock.unlock();
    io_.restart();
    io_.poll();  // a question whose asker is gone
    let_go();
    lock.lock();
    unused_.wait_for(lock, glance, [this] { return users_ == 0; });
  }
  CHECK_MESSAGE(users_ == 0, "a thread that looks names up is left behind");
}

net::name_lookup scripted_names::lookup() {
  return [resolver = std::make_shared<user>(*this)](const std::string&) { return resolver->ask(); };
}

void scripted_names::let_go() {
  for (const auto& said : std::exchange(hanging_, {})) said->set_value(true);
}

bool scripted_names::is_answering() const {
  if (!hanging_.empty()) return false;
  return std::any_of(watched_.begin(), watched_.end(),
                     [](const net::operation* op) { return op->where() == phase::resolve; });
}

net::lookup_result scripted_names::answer() {
  const auto said = std::make_shared<verdict>();
  auto is_known = said->get_future();
  asio::post(io_, [this, said] { take_step(said); });
  if (!is_known.get()) return {{}, asio::error::host_not_found};
  return {{asio::ip::address_v4::loopback()}, {}};
}

void scripted_names::take_step(const std::shared_ptr<verdict>& said) {
  const auto action = plot_->begin_step();
  if (action == step_action::hang) hanging_.push_back(said);
  const bool is_cancelled = action == step_action::hang || action == step_action::overtake;
  if (is_cancelled && plot_->on_hang) plot_->on_hang();
  if (action != step_action::hang) said->set_value(action != step_action::fail);
}

scripted_names::watch::watch(scripted_names* names, const net::operation& op) : names_(names), op_(op) {
  if (names_ != nullptr) names_->watched_.push_back(&op_);
}

scripted_names::watch::~watch() {
  if (names_ != nullptr) std::erase(names_->watched_, &op_);
}

}  // namespace daytona::test
