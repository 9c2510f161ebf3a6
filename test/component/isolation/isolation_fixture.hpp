#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/value.hpp>
#include <sys/types.h>

#include <exception>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kit/temporary_directory.hpp"
#include "local/isolation/host_helper.hpp"
#include "local/isolation/unique_fd.hpp"

namespace daytona::local::test {

namespace asio = boost::asio;

/// All of a file; empty if it can't be read.
std::string content(const std::filesystem::path& file);

/// An answer of a toolbox.
struct http_answer {
  unsigned status = 0;
  std::map<std::string, std::string> headers;  ///< Names in lower case.
  std::string body;

  boost::json::value json() const;
};

/// One request over a connection of its own, with `fields` (whole lines) in its head.
asio::awaitable<http_answer> ask(toolbox_channel channel, std::string method, std::string path, std::string body = {},
                                 std::string fields = {});

/// A `POST /process/execute` of `command`; fails the test unless it is answered with 200.
asio::awaitable<boost::json::value> execute(toolbox_channel channel, std::string command);
/// Its `result` alone.
asio::awaitable<std::string> output_of(toolbox_channel channel, std::string command);

/// The mode that this user can have: shifted for root, else userns.
isolation_mode strongest_mode();

/// What sandboxes are made of here: `/`, the machine itself, or the tree in DAYTONA_TEST_BASE.
std::filesystem::path base_of_this_run();

/// A data directory as a helper expects it. What sandboxes leave in it may take more than its owner to remove.
class data_folder : public daytona::test::temporary_directory {
 public:
  data_folder() { std::filesystem::create_directory(path / "sandboxes"); }
};

/// A data directory and a helper that serves from it, in `mode`; afterwards nothing of either is left, or the test fails.
class isolation_fixture {
 public:
  explicit isolation_fixture(isolation_mode mode = strongest_mode(),
                             std::shared_ptr<const data_folder> data = std::make_shared<data_folder>(),
                             const std::string& cgroup = "off");
  ~isolation_fixture();
  isolation_fixture(const isolation_fixture&) = delete;
  isolation_fixture& operator=(const isolation_fixture&) = delete;

  const std::filesystem::path& data() const { return data_->path; }
  const host_helper& helper() const { return *helper_; }
  std::filesystem::path directory_of(const std::string& id) const { return data_->path / "sandboxes" / id; }

  /// Runs the io_context until `work` is done, and fails the test if that takes more than a minute.
  template <class T>
  T run(asio::awaitable<T> work) {
    const auto result = std::make_shared<std::optional<T>>();  // outlives a run that was given up
    run(keep(std::move(work), result));
    return std::move(**result);
  }
  void run(asio::awaitable<void> work);

  toolbox_channel launch(const std::string& id, std::map<std::string, std::string> environment = {},
                         std::uint64_t memory_limit = 0, double cpus = 0);
  std::string output_of(const toolbox_channel& channel, const std::string& command);

  asio::io_context io;

 private:
  template <class T>
  static asio::awaitable<void> keep(asio::awaitable<T> work, std::shared_ptr<std::optional<T>> result) {
    result->emplace(co_await std::move(work));
  }

  std::shared_ptr<const data_folder> data_;
  std::optional<host_helper> helper_;
};

/// The processes below `ancestor`: the helper and, below it, all that runs in sandboxes.
std::vector<pid_t> descendants(pid_t ancestor);

/// Something to wait for the end of a process with, whosever child it is. Empty = it has ended already.
unique_fd watch(pid_t process);
/// Waits for it, for ten seconds at most.
bool ends(const unique_fd& process);

/// Whether all but the helper end: its children that delete in the background what was removed, and nothing else is there.
bool only_the_helper_is_left();

}  // namespace daytona::local::test
