// The backend inside a program: real sandboxes, real ends, and who may have its data directory.
#include <daytona/daytona.hpp>
#include <daytona/local/server.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <doctest/doctest.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "embedded.hpp"
#include "kit/temporary_directory.hpp"

using namespace daytona;
namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

/// Processes whose mounts or working directory lie in `directory`, or whose command line names it.
std::vector<pid_t> users_of(const fs::path& directory) {
  std::vector<pid_t> found;
  for (const auto& process : fs::directory_iterator{"/proc"}) {
    for (const char* name : {"mountinfo", "cmdline"}) {
      std::ifstream file{process.path() / name};
      const std::string text{std::istreambuf_iterator<char>{file}, {}};
      if (text.find(directory.string()) != std::string::npos)
        found.push_back(std::atoi(process.path().filename().c_str()));
    }
  }
  return found;
}

/// The processes that use a directory at present, to be waited for.
class watched_users {
 public:
  explicit watched_users(const fs::path& directory) {
    for (const pid_t user : users_of(directory))
      if (user != ::getpid()) handles_.push_back(static_cast<int>(::syscall(SYS_pidfd_open, user, 0)));
  }
  ~watched_users() {
    for (const int handle : handles_) ::close(handle);
  }
  watched_users(const watched_users&) = delete;
  watched_users& operator=(const watched_users&) = delete;

  std::size_t count() const { return handles_.size(); }
  /// Whether each of them ends, in ten seconds at most.
  bool end() const {
    return std::all_of(handles_.begin(), handles_.end(), [](int handle) {
      pollfd ended{handle, POLLIN, 0};
      return handle < 0 || ::poll(&ended, 1, 10'000) == 1;
    });
  }

 private:
  std::vector<int> handles_;
};

local::server_options options_in(const fs::path& directory) {
  local::server_options options;
  options.data_directory = directory / "data";
  return options;
}

/// One that the users of sandboxes can come through.
struct passable_directory : daytona::test::temporary_directory {
  passable_directory() { fs::permissions(path, fs::perms::others_exec | fs::perms::group_exec, fs::perm_options::add); }
};

asio::awaitable<sandbox> create_kept(client owner) {
  create_from_snapshot_params params;
  params.name = "kept";
  return owner.create(params);
}

template <class Error>
asio::awaitable<std::string> message_of(asio::awaitable<local::server> start) {
  std::string message = "started";
  try {
    local::server started = co_await std::move(start);
    co_await started.stop();
  } catch (const Error& error) {
    message = error.what();
  }
  co_return message;
}

}  // namespace

TEST_CASE("stop() ends the sandboxes and deletes a temporary data directory, and may be called again") {
  auto work = []() -> asio::awaitable<void> {
    local::server server = co_await local::server::start();
    const auto directory = server.data_directory();
    client client{server.config()};
    sandbox made = co_await client.create();
    auto hello = co_await made.process().exec("echo hello");
    CHECK(hello.result == "hello\n");

    co_await server.stop();
    CHECK(users_of(directory).empty());
    CHECK_FALSE(fs::exists(directory));
    co_await server.stop();
  };
  run(work());
}

TEST_CASE("stop() goes on where one was cancelled, and of several at once all wait for the end") {
  auto work = []() -> asio::awaitable<void> {
    const auto executor = co_await asio::this_coro::executor;
    local::server server = co_await local::server::start();
    const auto directory = server.data_directory();
    client client{server.config()};
    sandbox made = co_await client.create();
    asio::cancellation_signal cancel;
    std::exception_ptr cancelled;
    const auto keep = [&](std::exception_ptr ended) { cancelled = ended; };
    asio::co_spawn(executor, server.stop(), asio::bind_cancellation_slot(cancel.slot(), keep));
    co_await asio::post(executor, asio::use_awaitable);
    cancel.emit(asio::cancellation_type::terminal);
    co_await asio::post(executor, asio::use_awaitable);
    CHECK(cancelled);
    CHECK(fs::exists(directory));

    bool other = false;
    const auto note = [&](std::exception_ptr) { other = true; };
    asio::co_spawn(executor, server.stop(), note);
    co_await server.stop();

    CHECK(users_of(directory).empty());
    CHECK_FALSE(fs::exists(directory));
    while (!other) co_await asio::post(executor, asio::use_awaitable);
  };
  run(work());
}

TEST_CASE("the end of the last handle leaves nothing running, and no file") {
  fs::path directory;
  std::optional<watched_users> users;
  auto work = [&]() -> asio::awaitable<void> {
    local::server server = co_await local::server::start();
    directory = server.data_directory();
    client client{server.config()};
    sandbox made = co_await client.create();
    auto started = co_await made.process().exec("nohup sleep 1000 > /dev/null 2>&1 &");
    CHECK(started.exit_code == 0);
    users.emplace(directory);
  };
  run(work());  // run() returns: no work is left

  CHECK(users->count() >= 2);
  CHECK(users->end());
  CHECK(users_of(directory).empty());
  CHECK_FALSE(fs::exists(directory));
}

TEST_CASE("an io_context that is destroyed with a server and its calls under way leaves nothing running") {
  fs::path directory;
  std::optional<watched_users> users;
  {
    asio::io_context io;
    auto never = [](sandbox made) -> asio::awaitable<void> {
      auto result = co_await made.process().exec("echo > begun; sleep 1000");
      CHECK(result.exit_code == 0);
    };
    auto work = [&]() -> asio::awaitable<void> {
      local::server server = co_await local::server::start();
      directory = server.data_directory();
      client client{server.config()};
      sandbox made = co_await client.create();
      auto gate = co_await made.process().exec("mkfifo begun");
      CHECK(gate.exit_code == 0);
      asio::co_spawn(io, never(made), [](std::exception_ptr) {});
      auto begun = co_await made.process().exec("cat begun");
      CHECK(begun.exit_code == 0);
      users.emplace(directory);
      auto stays = co_await made.process().exec("sleep 1000");
      CHECK(stays.exit_code == 0);
    };
    asio::co_spawn(io, work(), [](std::exception_ptr) {});
    while (!users) io.run_one();
  }

  CHECK(users->count() >= 2);
  CHECK(users->end());
  CHECK(users_of(directory).empty());
  CHECK_FALSE(fs::exists(directory));
}

TEST_CASE("a data directory is one server's at a time, and the next one's at once after stop()") {
  const passable_directory directory;
  auto work = [&]() -> asio::awaitable<void> {
    local::server first = co_await local::server::start(options_in(directory.path));
    client client{first.config()};
    sandbox made = co_await create_kept(client);
    auto written = co_await made.process().exec("echo data > file");
    CHECK(written.exit_code == 0);

    const auto refused = co_await message_of<bad_request_error>(local::server::start(options_in(directory.path)));
    if (refused == "started") FAIL(refused);
    CHECK(refused.find("another local backend uses it (process " + std::to_string(::getpid()) + ")") !=
          std::string::npos);
    co_await first.stop();

    local::server second = co_await local::server::start(options_in(directory.path));
    daytona::client again{second.config()};
    sandbox found = co_await again.get("kept");
    CHECK(found.state() == sandbox_state::stopped);
    co_await found.start();
    auto read = co_await found.process().exec("cat file");
    CHECK(read.result == "data\n");
    remove_options wait;
    wait.wait = true;
    co_await found.remove(wait);
    co_await second.stop();
  };
  run(work());
}

TEST_CASE(
    "a data directory is the next server's once what the last handle's end has ended is gone, in one process too") {
  const passable_directory directory;
  auto work = [&]() -> asio::awaitable<void> {
    {
      local::server first = co_await local::server::start(options_in(directory.path));
      client client{first.config()};
      sandbox made = co_await create_kept(client);
    }

    local::server second = co_await local::server::start(options_in(directory.path));
    client again{second.config()};
    sandbox found = co_await again.get("kept");
    CHECK(found.state() == sandbox_state::stopped);
    remove_options wait;
    wait.wait = true;
    co_await found.remove(wait);  // without root, the directory's end could not delete its files
    co_await second.stop();
  };
  run(work());
}

TEST_CASE("a data directory whose name is no text is refused, before anything is begun there") {
  const daytona::test::temporary_directory directory;
  auto work = [&]() -> asio::awaitable<void> {
    const auto refused =
        co_await message_of<bad_request_error>(local::server::start(options_in(directory.path / "\xFF")));
    if (refused.find("is not UTF-8; name another one") == std::string::npos) FAIL(refused);
  };
  run(work());

  CHECK(fs::is_empty(directory.path));
}

TEST_CASE("nobody but their owner can list the folders of sandboxes") {
  const passable_directory directory;
  auto work = [&]() -> asio::awaitable<void> {
    local::server server = co_await local::server::start(options_in(directory.path));
    CHECK(fs::status(directory.path / "data").permissions() == fs::perms{0711});
    CHECK(fs::status(directory.path / "data/sandboxes").permissions() == fs::perms{0711});
    co_await server.stop();
  };
  run(work());
}

TEST_CASE("a data directory in which there is something else than sandboxes is refused by name") {
  const passable_directory directory;
  fs::create_directory(directory.path / "data");
  std::ofstream{directory.path / "data" / "sandboxes"} << "mine";
  auto work = [&]() -> asio::awaitable<void> {
    const auto refused = co_await message_of<bad_request_error>(local::server::start(options_in(directory.path)));
    if (refused.find("data/sandboxes: Not a directory; ") == std::string::npos) FAIL(refused);
  };
  run(work());
}

TEST_CASE("a program that is no toolbox is named") {
  const passable_directory directory;
  auto work = [&]() -> asio::awaitable<void> {
    auto options = options_in(directory.path);
    options.toolbox = "/bin/true";
    const auto refused = co_await message_of<error>(local::server::start(options));
    if (refused.find("/bin/true ended at once") == std::string::npos) FAIL(refused);
  };
  run(work());
}
