// What PTYs take of a toolbox, and leave behind, at its bounds.
#include <sys/resource.h>

#include <optional>
#include <vector>

#include "local/isolation/unique_fd.hpp"
#include "pty_fixture.hpp"

namespace daytona::local::test {

namespace {

/// This process can open no more files while it lives.
class no_descriptors {
 public:
  no_descriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit few{128, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &few);
    for (int fd = ::dup(0); fd >= 0; fd = ::dup(0)) taken_.emplace_back(fd);
  }
  ~no_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  no_descriptors(const no_descriptors&) = delete;
  no_descriptors& operator=(const no_descriptors&) = delete;

 private:
  rlimit before_{};
  std::vector<unique_fd> taken_;
};

}  // namespace

TEST_CASE("who leaves while a terminal takes no input leaves nothing of what it typed behind") {
  pty_fixture fixture;
  const auto terminal = fixture.make("a");
  const auto client = terminal->attach();
  fixture.type(terminal, "stty raw -echo; echo ready-\"\"to-sleep; exec sleep 1000\n");
  fixture.read(client, "ready-to-sleep");
  for (int n = 0; n < 4; ++n) fixture.type(terminal, std::string(toolbox::longest_input, 'x'));  // more than it takes
  std::optional<bool> was_typed;
  asio::co_spawn(fixture.io, pty::type(terminal, client, std::string(toolbox::longest_input, 'y')),
                 [&](std::exception_ptr, bool typed) { was_typed = typed; });
  fixture.io.poll();
  CHECK_FALSE(was_typed.has_value());

  terminal->detach(client);

  fixture.until([&] { return was_typed.has_value(); });
  CHECK_FALSE(*was_typed);
  fixture.kill("a");
}

TEST_CASE("output that comes byte by byte takes no more memory for a client than other output") {
  asio::io_context io;
  toolbox::pty_client client{io.get_executor(), [] {}};
  const auto byte = std::make_shared<const std::string>("x");

  for (int n = 0; n < 1000; ++n) client.put(byte);

  CHECK(client.waiting() >= 1000 * sizeof(std::string));
  while (const auto piece = client.take()) client.has_taken(piece);
  CHECK(client.waiting() == 0);
}

TEST_CASE("environments of PTYs take no more memory than all may have together") {
  toolbox::pty_limits limits;
  limits.all_texts = 100'000;
  pty_fixture fixture{limits};
  const auto make = [&](const std::string& id) {
    toolbox::pty_request request;
    request.id = id;
    request.envs["LARGE"] = std::string(60'000, 'x');
    request.starts_lazily = true;
    return fixture.all->create(request);
  };
  make("a");

  CHECK_THROWS_AS(make("b"), http::http_error);
  fixture.kill("a");
  fixture.io.poll();
  make("b");
  fixture.kill("b");
}

TEST_CASE("a killed PTY leaves no process also where no more descriptors can be had") {
  pty_fixture fixture;
  fixture.kill(fixture.make("first")->request().id);  // what is opened once
  const auto terminal = fixture.make("a");
  const auto client = terminal->attach();
  fixture.type(terminal, "setsid sleep 1234568 & (setsid sleep 1234568 &); echo all-\"\"there\n");
  fixture.read(client, "all-there");

  {
    const no_descriptors none;
    fixture.kill("a");
  }

  CHECK(client->has_ended()->exit_code == 137);
  CHECK(std::system("pgrep -f 'slee[p] 1234568' > /dev/null") != 0);
}

}  // namespace daytona::local::test
