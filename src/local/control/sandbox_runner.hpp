#pragma once

#include <boost/asio/awaitable.hpp>

#include <filesystem>
#include <string>

#include "local/isolation/host_helper.hpp"
#include "local/isolation/toolbox_channel.hpp"

namespace daytona::local {

/// What the control plane asks of the isolation; tests put something else in its place.
class sandbox_runner {
 public:
  virtual ~sandbox_runner() = default;

  /// Throws `daytona::error` if the sandbox did not come up; nothing of it runs then.
  virtual boost::asio::awaitable<toolbox_channel> launch(sandbox_launch what) = 0;
  virtual boost::asio::awaitable<void> stop(std::string id, bool force) = 0;
  virtual boost::asio::awaitable<void> remove(std::string id, std::filesystem::path directory) = 0;
};

}  // namespace daytona::local
