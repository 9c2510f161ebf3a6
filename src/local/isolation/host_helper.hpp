#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daytona/local/server.hpp"

namespace daytona::local {

/// What a sandbox is started with. Everything of it lies below `directory`.
struct sandbox_launch {
  std::string id;
  std::string host_name;
  std::filesystem::path directory;                 ///< Made and removed by the helper; the owner names it.
  std::map<std::string, std::string> environment;  ///< Of everything inside, on top of what the toolbox sets itself.
};

/// What the machine can do, found out by doing it.
struct isolation_probe {
  isolation_mode mode = isolation_mode::none;
  std::string description;            ///< The mode and what it can't do.
  std::vector<std::string> failures;  ///< "shifted: clone: Operation not permitted", for each stronger mode that did not work.
};

/// The privileged half: a `daytona-toolbox host-helper` child that makes, ends and removes sandboxes, so that this process never forks, mounts or reaps.
/// Spoken to over a socketpair; its death or ours ends every sandbox.
class host_helper;

}  // namespace daytona::local
