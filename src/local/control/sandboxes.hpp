#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "local/control/list_query.hpp"
#include "local/control/running_sandbox.hpp"
#include "local/control/sandbox_runner.hpp"
#include "local/control/store.hpp"
#include "local/http/byte_budget.hpp"
#include "model/sandbox.hpp"

namespace daytona::local {

struct sandboxes_options {
  std::filesystem::path directory;  ///< Where the sandboxes' own directories lie.
  std::string organization_id;
  std::string toolbox_proxy_url;
  std::string toolbox_settings;  ///< What each sandbox's toolbox is told.
  std::size_t most = 1000;
  std::size_t most_text = 32 * 1024 * 1024;  ///< Bytes of the labels and environments of all of them.
};

/// All sandboxes of a backend and the walks of their states. Every change is in the store before it is told to anyone.
///
/// For one executor. The suspending members are free of their object: what they started goes on if the caller leaves,
/// and `shut_down` waits for it.
class sandboxes : public std::enable_shared_from_this<sandboxes> {
 public:
  sandboxes(boost::asio::any_io_executor executor, std::shared_ptr<store> store, std::shared_ptr<sandbox_runner> runner,
            sandboxes_options options);

  /// Who answers what the sandboxes send to their egress proxy; set before the first start.
  void set_egress(std::shared_ptr<const http::service> service) { egress_ = std::move(service); }
  /// Takes over what an earlier process left: nothing runs any more, and what was being removed is removed.
  static boost::asio::awaitable<void> recover(std::shared_ptr<sandboxes> self);

  /// Makes and starts a sandbox. Throws `http_error`: 409 for a taken name, 403 for too many, 400 if it failed to
  /// start, or for too much text.
  static boost::asio::awaitable<model::sandbox_data> create(std::shared_ptr<sandboxes> self,
                                                            model::sandbox_data wanted);
  static boost::asio::awaitable<model::sandbox_data> start(std::shared_ptr<sandboxes> self, std::string id_or_name);
  /// Starts a sandbox in error whose files are whole, unless `skip_start`: then it is stopped.
  static boost::asio::awaitable<model::sandbox_data> recover_one(std::shared_ptr<sandboxes> self,
                                                                 std::string id_or_name, bool skip_start);
  /// Answers as soon as the stop is under way; an ephemeral sandbox is destroyed instead.
  static boost::asio::awaitable<model::sandbox_data> stop(std::shared_ptr<sandboxes> self, std::string id_or_name,
                                                          bool force);
  /// Answers when it is gone, or after a short while of removing. One whose removal failed before is removed again.
  static boost::asio::awaitable<model::sandbox_data> remove(std::shared_ptr<sandboxes> self, std::string id_or_name);

  /// By id, else by name. Throws `http_error` 404.
  const model::sandbox_data& get(std::string_view id_or_name) const;
  /// Throws `http_error` 404, and 400 if they take more than there is for all.
  model::sandbox_data set_labels(std::string_view id_or_name, std::map<std::string, std::string> labels);
  /// Notes that somebody uses it.
  void touch(std::string_view id_or_name);
  /// Those that are not removed; with `failed_removals` also those that are but for what could not be deleted.
  sandbox_list all(bool failed_removals = false) const;
  /// The live half of a started sandbox, null if there is none.
  std::shared_ptr<running_sandbox> running(std::string_view id) const;
  /// Closes the connections to toolboxes that wait for a next request, so that others have their descriptors; whether
  /// there were any.
  bool drop_idle_connections();

  /// Kills a started sandbox as if its machine had died; nothing else happens to others.
  static boost::asio::awaitable<void> kill(std::shared_ptr<sandboxes> self, std::string id_or_name);
  /// Later, unless it is called off or the backend shuts down before.
  static void kill_after(std::shared_ptr<sandboxes> self, std::string id_or_name, std::chrono::milliseconds time);
  void call_off_kills();
  /// A sandbox has ended without being asked to.
  void ended(const std::string& id, const std::string& reason);
  /// Everything has.
  void all_ended(const std::string& reason);

  /// What the running sandboxes are made of has changed under them: they say so from now on, until they are started anew. How many were told the first time.
  std::size_t base_changed();
  /// How many say so at present.
  std::size_t on_changed_base() const;

  /// Ends every sandbox and waits for what is under way; `destroy` removes them too.
  static boost::asio::awaitable<void> shut_down(std::shared_ptr<sandboxes> self, bool destroy);

 private:
  struct entry;
  class work;
  struct walk;
  using entry_ptr = std::shared_ptr<entry>;

  static boost::asio::awaitable<void> launch(std::shared_ptr<sandboxes> self, entry_ptr sandbox);
  static boost::asio::awaitable<void> finish_stop(std::shared_ptr<sandboxes> self, entry_ptr sandbox, bool force);
  static boost::asio::awaitable<void> finish_remove(std::shared_ptr<sandboxes> self, entry_ptr sandbox);
  static boost::asio::awaitable<void> launch_through(std::shared_ptr<sandboxes> self, entry_ptr sandbox);
  std::shared_ptr<walk> in_background(boost::asio::awaitable<void> job);
  /// Waits for its end, at most for `patience`; throws what it threw. A waiter that leaves does not end it.
  static boost::asio::awaitable<void> wait_for(std::shared_ptr<walk> under_way,
                                               std::chrono::steady_clock::duration patience);

  std::function<void()> dropping_idle_connections();
  entry_ptr find(std::string_view id_or_name) const;
  entry_ptr require(std::string_view id_or_name) const;
  void require_steady(const entry& sandbox) const;
  /// Into a walk or out of nothing: kept first. Throws `http_error` if that is impossible; nothing has changed then.
  void change(entry& sandbox, model::sandbox_data next);
  void begin(entry& sandbox, std::string_view state, std::string_view desired);
  /// Out of a walk. Should it not be possible to keep it, the record of the walk's beginning leads the next process to
  /// a place as good. Says whether it was kept.
  bool settle(entry& sandbox, std::string_view state, std::string_view desired);
  /// Whether it says for the first time that its base has changed.
  bool note_changed_base(entry& sandbox) const;
  bool begin_removal(entry& sandbox);
  [[noreturn]] void refuse_text() const;
  void insert(const entry_ptr& sandbox);
  std::string forget(const entry_ptr& sandbox);
  void gone(const entry_ptr& sandbox, const std::string& reason);
  bool end_steady(bool destroy);
  std::filesystem::path directory_of(const entry& sandbox) const;

  boost::asio::any_io_executor executor_;
  std::shared_ptr<store> store_;
  std::shared_ptr<sandbox_runner> runner_;
  std::shared_ptr<const http::service> egress_;
  sandboxes_options options_;
  std::unordered_map<std::string, entry_ptr> by_id_;
  std::unordered_map<std::string, std::string> id_by_name_;
  http::budget_ptr texts_;
  std::size_t under_way_ = 0;
  boost::asio::steady_timer idle_;  // cancelled when nothing is under way
  bool closing_ = false;
  std::uint64_t base_changes_ = 0;
  std::set<std::shared_ptr<boost::asio::cancellation_signal>> kills_to_come_;
};

}  // namespace daytona::local
