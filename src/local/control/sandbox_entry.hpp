#pragma once

#include <boost/asio/co_spawn.hpp>

#include <memory>
#include <string_view>
#include <utility>

#include "local/control/sandboxes.hpp"

namespace daytona::local {

struct sandboxes::entry {
  explicit entry(model::sandbox_data wanted) : data{std::move(wanted)} {}

  model::sandbox_data data;
  std::shared_ptr<running_sandbox> live;
};

/// Counts what is under way, so that shutting down can wait for it.
class sandboxes::work {
 public:
  explicit work(std::shared_ptr<sandboxes> owner) : owner_{std::move(owner)} { ++owner_->under_way_; }
  ~work() {
    if (--owner_->under_way_ == 0) owner_->idle_.cancel();
  }
  work(const work&) = delete;
  work& operator=(const work&) = delete;

 private:
  std::shared_ptr<sandboxes> owner_;
};

/// Whether a sandbox is in none of its walks from one state to another.
inline bool is_steady(std::string_view state) { return state == "started" || state == "stopped" || state == "error"; }

template <class Work>
void sandboxes::in_background(Work job) {
  const auto counted = std::make_shared<work>(shared_from_this());
  boost::asio::co_spawn(executor_, std::move(job), [counted](std::exception_ptr) {});
}

}  // namespace daytona::local
