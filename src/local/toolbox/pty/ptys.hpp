#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "local/http/byte_budget.hpp"
#include "local/toolbox/pty/pty.hpp"
#include "net/operation.hpp"

namespace daytona::local::toolbox {

/// All PTYs of a sandbox. One is gone with its shell, and its id is free then.
class ptys : public std::enable_shared_from_this<ptys> {
 public:
  /// `children` outlives it.
  ptys(const boost::asio::any_io_executor& executor, child_watcher& children, const pty_limits& limits);

  /// Throws `http_error`: 409 if there is one of that id, 400 if there are too many, 500 if its shell can't be started.
  std::shared_ptr<pty> create(pty_request request);
  /// Null if there is none of that id.
  std::shared_ptr<pty> find(const std::string& id) const;
  std::vector<std::shared_ptr<pty>> all() const;
  /// Ends when nothing is left of it, whatever becomes of who asked. Throws `http_error` 404.
  static boost::asio::awaitable<void> remove(std::shared_ptr<ptys> self, std::string id);
  /// Before the toolbox ends: an interactive shell heeds nothing else.
  void hang_up();

  /// What ends with the toolbox.
  net::operation_registry& sockets() { return sockets_; }

 private:
  boost::asio::any_io_executor executor_;
  child_watcher& children_;
  pty_limits limits_;
  http::budget_ptr texts_;
  std::map<std::string, std::shared_ptr<pty>> all_;
  net::operation_registry sockets_;
};

}  // namespace daytona::local::toolbox
