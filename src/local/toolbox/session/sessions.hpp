#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "local/toolbox/session/session.hpp"
#include "local/toolbox/settings.hpp"
#include "net/operation.hpp"

namespace daytona::local::toolbox {

/// All sessions of a sandbox, and its entrypoint. Ids that are not there, or must not be, throw `http_error`.
class sessions : public std::enable_shared_from_this<sessions> {
 public:
  /// `children` outlives it. Their files lie below `folder`; what a former toolbox left there is removed.
  sessions(const boost::asio::any_io_executor& executor, child_watcher& children, const settings& wanted,
           std::filesystem::path folder);

  /// Its shell may not have started yet.
  std::shared_ptr<session> create(const std::string& id, const std::string& directory);
  std::shared_ptr<session> get(const std::string& id) const;
  /// Without the entrypoint's.
  std::vector<std::shared_ptr<session>> all() const;
  /// Ends when nothing is left of it.
  static boost::asio::awaitable<void> remove(std::shared_ptr<sessions> self, std::string id);

  /// The entrypoint's only command; throws 404 if there is no entrypoint.
  std::shared_ptr<session_command> entrypoint() const;
  std::shared_ptr<session_command> command(const std::string& session_id, const std::string& command_id) const;

  /// What ends with the toolbox.
  net::operation_registry& sockets() { return sockets_; }

 private:
  struct place {
    std::shared_ptr<session> what;
    bool is_ending = false;  ///< Nobody finds it any longer, but its id is not free yet.
  };
  void forget(const std::string& id);

  boost::asio::any_io_executor executor_;
  child_watcher& children_;
  session_limits limits_;
  std::string toolbox_;
  std::filesystem::path folder_;
  std::shared_ptr<log_budget> budget_;
  std::map<std::string, place> places_;
  std::shared_ptr<session_command> entrypoint_;
  change removed_;
  net::operation_registry sockets_;
};

}  // namespace daytona::local::toolbox
