#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daytona/local/server.hpp"
#include "local/isolation/toolbox_channel.hpp"

namespace daytona::local {

/// What a sandbox is started with. Its layers lie in `directory` and survive a stop; a second launch with the same
/// directory finds them again.
struct sandbox_launch {
  sandbox_launch();
  std::string id;                                  ///< Unique among the running ones: letters, digits, `-`, `_`, `.`.
  std::string host_name;                           ///< Empty = `id`.
  std::filesystem::path directory;                 ///< Absolute. Made if missing; its parent must exist.
  std::map<std::string, std::string> environment;  ///< Of everything inside, on top of what the toolbox sets itself.
  std::uint64_t memory_limit = 0;                  ///< Bytes of all processes together; 0 = none.
  double cpus = 0;                                 ///< Where there is a control group for it; 0 = no limit.
};

/// What the machine can do, found out by doing it.
struct isolation_probe {
  isolation_mode mode = isolation_mode::none;
  std::string description;  ///< The mode and what it can't do.
  std::string limits;       ///< What limits a sandbox, and what does not.
  std::vector<std::string>
      failures;  ///< "shifted: mount /usr: Operation not permitted", for each stronger mode that did not work.
};

struct host_helper_options {
  host_helper_options();
  std::filesystem::path program;         ///< `daytona-toolbox`. Required.
  std::filesystem::path data_directory;  ///< Existing, absolute. The helper keeps the base layers in its `base` folder,
                                         ///< and the id range in `id-base`.
  std::filesystem::path base =
      "/";                     ///< What sandboxes are made of: the machine, or a tree that `check_base_tree` passes.
  std::string cgroup = "off";  ///< `auto`, or folders of control groups with colons between them.
  isolation_mode isolation = isolation_mode::automatic;
  bool require = false;  ///< Fail instead of taking a weaker mode than `isolation`.
  bool temporary =
      false;      ///< The helper deletes `data_directory` when it ends, of whatever cause but its own violent death.
  int lock = -1;  ///< Of the data directory, locked by flock: the helper holds it, too, until the last sandbox is gone.
};

/// The privileged half: a `daytona-toolbox host-helper` child that makes, ends and removes sandboxes, so that this
/// process never forks, mounts or reaps. Spoken to over a socketpair: its death or ours ends every sandbox. A shared
/// handle, for one io_context; the last handle ends the helper.
class host_helper {
 public:
  /// Starts the helper on the executor of the caller and probes the modes.
  ///
  /// **Errors**: `daytona::error` naming what is missing and the remedy: the program, a mode that works here, a data
  /// directory fit for layers.
  /// **Cancellation**: at once; the helper ends.
  static boost::asio::awaitable<host_helper> start(host_helper_options options);

  const isolation_probe& isolation() const;

  /// Makes a sandbox and starts its toolbox. The HTTP service answers as soon as the toolbox is up; connections made
  /// earlier wait.
  ///
  /// **Errors**: `error` naming the step that failed; nothing of it runs then. **Cancellation**: at once; the sandbox,
  /// if it came up, is ended.
  boost::asio::awaitable<toolbox_channel> launch(sandbox_launch what) const;

  /// Ends the processes of a sandbox and keeps its layers: SIGTERM to all and SIGKILL after `grace`; with `force`
  /// SIGKILL at once. Done when the last process is gone; a sandbox that does not run is not an error.
  boost::asio::awaitable<void> stop(std::string id, bool force,
                                    std::chrono::milliseconds grace = std::chrono::seconds(3)) const;

  /// Ends a sandbox and deletes `directory` with all that is in it, whoever owns it. Neither has to exist.
  boost::asio::awaitable<void> remove(std::string id, std::filesystem::path directory) const;

  /// Called, on the executor of `start`, when a sandbox ended without being asked to. `reason` is for people: "killed
  /// by signal 9".
  void on_exit(std::function<void(std::string id, std::string reason)> handler) const;

  /// Called once if the helper itself ends without being asked to: every sandbox is gone then, and every call fails.
  void on_lost(std::function<void(std::string reason)> handler) const;

  /// Lets every sandbox and the helper end, and does not wait.
  void abandon() const;

  /// Ends every sandbox and the helper, and waits until both are gone. Further calls return at once.
  boost::asio::awaitable<void> close() const;

 private:
  class impl;
  explicit host_helper(std::shared_ptr<impl> state);
  std::shared_ptr<impl> impl_;
};

}  // namespace daytona::local
