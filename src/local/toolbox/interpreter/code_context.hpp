#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "local/toolbox/child_watcher.hpp"
#include "local/toolbox/interpreter/interpreter_limits.hpp"
#include "local/toolbox/interpreter/worker.hpp"
#include "local/toolbox/memory_watch.hpp"

namespace daytona::local::toolbox {

/// What contexts share with all of the toolbox.
struct interpreter_surroundings {
  boost::asio::any_io_executor executor;
  child_watcher& children;
  const memory_watch& memory;
  interpreter_limits limits;
};

/// Globals that programs share, and the programs, which run one after the other. A worker that has ended is replaced by another when it is needed: its
/// globals are lost then, and nothing else.
class code_context : public std::enable_shared_from_this<code_context> {
 public:
  using program_ptr = std::shared_ptr<execution>;

  /// Starts its worker in `directory` (empty = the toolbox's own). Throws `std::system_error`.
  static std::shared_ptr<code_context> start(const interpreter_surroundings& around, std::string id,
                                             std::string directory);

  const std::string& id() const { return id_; }
  const std::string& created_at() const { return created_at_; }
  const std::string& directory() const { return directory_; }
  /// Whether its worker runs.
  bool is_active() const { return worker_ && worker_->is_alive(); }

  /// Queues a program. False if too many wait.
  bool add(const program_ptr& program);

  /// Ends its processes, and the programs. Takes no longer than their grace, and a little.
  static boost::asio::awaitable<void> end(std::shared_ptr<code_context> self);

 private:
  code_context(const interpreter_surroundings& around, std::string id, std::string directory);

  void start_worker();
  static boost::asio::awaitable<void> run_programs(std::shared_ptr<code_context> self);
  static boost::asio::awaitable<void> run(std::shared_ptr<code_context> self, program_ptr program);
  void on_last_program();
  bool has_worker_for(execution& program);
  /// Why its worker has ended; `killed_before`: how many processes had been ended for their memory when the program began.
  std::string reason_of_end(std::uint64_t killed_before) const;

  interpreter_surroundings around_;
  std::string id_;
  std::string directory_;
  std::string mark_;  // in the environment of all that its workers start
  std::string created_at_;
  std::shared_ptr<worker> worker_;
  std::deque<program_ptr> waiting_;
  bool is_ending_ = false;
  bool runs_ = true;
  change changed_;
};

}  // namespace daytona::local::toolbox
