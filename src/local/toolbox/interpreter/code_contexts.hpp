#pragma once

#include <boost/asio/awaitable.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "local/toolbox/interpreter/code_context.hpp"
#include "net/operation.hpp"

namespace daytona::local::toolbox {

inline constexpr const char* default_context_id = "default";

/// All contexts of a sandbox.
class code_contexts : public std::enable_shared_from_this<code_contexts> {
 public:
  using context_ptr = std::shared_ptr<code_context>;

  /// What is in `around` outlives it.
  explicit code_contexts(const interpreter_surroundings& around);

  /// Throws `http_error`: there are too many, or its worker can't start.
  context_ptr create(const std::string& directory);
  /// Without the default one.
  std::vector<context_ptr> all() const;
  /// Null if there is none of that id.
  context_ptr find(const std::string& id) const;
  /// Made on first use. Throws `std::system_error` if its worker can't start.
  context_ptr default_context();
  /// Ends when nothing is left of it. Throws `http_error` if it is not there, or can't be deleted.
  static boost::asio::awaitable<void> remove(std::shared_ptr<code_contexts> self, std::string id);

  const boost::asio::any_io_executor& executor() const { return around_.executor; }
  /// What ends with the toolbox.
  net::operation_registry& sockets() { return sockets_; }

 private:
  static boost::asio::awaitable<void> end(std::shared_ptr<code_contexts> self, context_ptr ending);

  interpreter_surroundings around_;
  std::map<std::string, context_ptr> contexts_;
  std::size_t ending_ = 0;  // not found any longer, but still there
  context_ptr default_;
  net::operation_registry sockets_;
};

}  // namespace daytona::local::toolbox
