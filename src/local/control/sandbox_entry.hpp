#pragma once

#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "local/control/sandboxes.hpp"

namespace daytona::local {

inline constexpr auto no_limit = std::chrono::steady_clock::duration::max();
inline constexpr std::string_view unsaved_code = "STATE_NOT_SAVED";

struct sandboxes::entry {
  entry(model::sandbox_data wanted, http::budget_ptr texts) : data{std::move(wanted)}, text{std::move(texts)} {}

  model::sandbox_data data;
  http::byte_share text;  ///< What its labels and its environment take.
  std::shared_ptr<running_sandbox> live;
  std::string early_end;           ///< Why it ended before its start had heard that it was up.
  std::uint64_t base_changes = 0;  ///< How often its base had changed when it was started.
  bool recorded_end = true;        ///< Whether the record says that it is being removed, once it is.

  bool is_ephemeral() const { return data.auto_delete_interval == std::chrono::minutes{0}; }
  bool failed_removal() const { return data.state == "error" && data.desired_state == "destroyed"; }
};

/// Something under way that nobody has to wait for.
struct sandboxes::walk {
  explicit walk(const boost::asio::any_io_executor& executor) : ended{executor} {}
  boost::asio::steady_timer ended;  // cancelled at the end
  bool running = true;
  std::exception_ptr failure;
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

/// Bytes of what a client had written into it, with what that takes besides.
std::size_t text_size(const model::sandbox_data& data);

inline bool is_coming_up(std::string_view state) { return state == "creating" || state == "starting"; }

/// Whether a sandbox is in none of its walks from one state to another.
inline bool is_steady(std::string_view state) { return state == "started" || state == "stopped" || state == "error"; }

}  // namespace daytona::local
