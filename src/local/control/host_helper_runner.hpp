#pragma once

#include "local/control/sandbox_runner.hpp"

namespace daytona::local {

/// Runs sandboxes through the host-helper.
class host_helper_runner : public sandbox_runner {
 public:
  explicit host_helper_runner(host_helper helper) : helper_{std::move(helper)} {}

  boost::asio::awaitable<toolbox_channel> launch(sandbox_launch what) override {
    return helper_.launch(std::move(what));
  }
  boost::asio::awaitable<void> stop(std::string id, bool force) override { return helper_.stop(std::move(id), force); }
  boost::asio::awaitable<void> remove(std::string id, std::filesystem::path directory) override {
    return helper_.remove(std::move(id), std::move(directory));
  }

 private:
  host_helper helper_;
};

}  // namespace daytona::local
