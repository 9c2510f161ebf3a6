#include "isolation_fixture.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "local/isolation/remove_tree.hpp"

namespace fs = std::filesystem;
namespace json = boost::json;

namespace daytona::local::test {

std::string content(const std::filesystem::path& file) {
  std::ifstream in{file};
  return {std::istreambuf_iterator<char>{in}, {}};
}

namespace {

http_answer parse_head(std::istream& head) {
  http_answer answer;
  std::string line;
  std::getline(head, line);
  answer.status = static_cast<unsigned>(std::stoul(line.substr(9, 3)));
  while (std::getline(head, line) && line != "\r") {
    auto name = line.substr(0, line.find(':'));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    answer.headers[name] = line.substr(name.size() + 2, line.size() - name.size() - 3);
  }
  return answer;
}

/// A body in chunks, of which `received` has come.
asio::awaitable<std::string> read_chunks(asio::local::stream_protocol::socket& socket, std::string received) {
  std::string body;
  for (;;) {
    const auto line =
        co_await asio::async_read_until(socket, asio::dynamic_buffer(received), "\r\n", asio::use_awaitable);
    const auto size = std::stoul(received, nullptr, 16);
    if (received.size() < line + size + 2) {
      const auto missing = line + size + 2 - received.size();
      co_await asio::async_read(socket, asio::dynamic_buffer(received), asio::transfer_exactly(missing),
                                asio::use_awaitable);
    }
    if (size == 0) co_return body;
    body += received.substr(line, size);
    received.erase(0, line + size + 2);
  }
}

}  // namespace

json::value http_answer::json() const { return json::parse(body); }

asio::awaitable<http_answer> ask(toolbox_channel channel, std::string method, std::string path, std::string body,
                                 std::string fields) {
  auto socket = co_await channel.connect();
  const std::string request = method + " " + path + " HTTP/1.1\r\nHost: toolbox\r\n" + fields +
                              "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  co_await asio::async_write(socket, asio::buffer(request), asio::use_awaitable);
  std::string received;
  const auto head_size =
      co_await asio::async_read_until(socket, asio::dynamic_buffer(received), "\r\n\r\n", asio::use_awaitable);
  std::istringstream head{received.substr(0, head_size)};
  http_answer answer = parse_head(head);
  answer.body = received.substr(head_size);
  if (answer.headers.contains("transfer-encoding")) {
    answer.body = co_await read_chunks(socket, std::move(answer.body));
    co_return answer;
  }
  if (!answer.headers.contains("content-length")) co_return answer;
  const auto length = std::stoul(answer.headers.at("content-length"));
  const auto so_far = answer.body.size();
  answer.body.resize(length);
  if (length > so_far)
    co_await asio::async_read(socket, asio::buffer(answer.body.data() + so_far, length - so_far), asio::use_awaitable);
  co_return answer;
}

asio::awaitable<json::value> execute(toolbox_channel channel, std::string command) {
  json::object request;
  request["command"] = command;
  const auto answer = co_await ask(channel, "POST", "/process/execute", json::serialize(request));
  REQUIRE_MESSAGE(answer.status == 200, answer.body);
  co_return answer.json();
}

asio::awaitable<std::string> output_of(toolbox_channel channel, std::string command) {
  const auto result = co_await execute(channel, command);
  co_return std::string{result.at("result").as_string()};
}

isolation_mode strongest_mode() { return ::geteuid() == 0 ? isolation_mode::shifted : isolation_mode::userns; }

fs::path base_of_this_run() {
  const char* tree = std::getenv("DAYTONA_TEST_BASE");
  return tree == nullptr ? "/" : tree;
}

isolation_fixture::isolation_fixture(isolation_mode mode, std::shared_ptr<const data_folder> data,
                                     const std::string& cgroup)
    : data_{std::move(data)} {
  host_helper_options options;
  const char* program = std::getenv("DAYTONA_TOOLBOX");
  REQUIRE_MESSAGE(program != nullptr, "DAYTONA_TOOLBOX must name the program daytona-toolbox");
  options.program = program;
  options.data_directory = data_->path;
  if (mode != isolation_mode::none) options.base = base_of_this_run();
  options.cgroup = cgroup;
  options.isolation = mode;
  options.require = true;
  helper_.emplace(run(host_helper::start(options)));
}

isolation_fixture::~isolation_fixture() {
  run(helper_->close());
  helper_.reset();
  io.restart();
  io.run();  // returns only if no operation is left behind
  remove_tree(data_->path);
}

void isolation_fixture::run(asio::awaitable<void> work) {
  struct outcome {
    std::exception_ptr failure;
    bool done = false;
  };
  const auto end = std::make_shared<outcome>();
  asio::co_spawn(io, std::move(work), [end](std::exception_ptr thrown) {
    end->failure = thrown;
    end->done = true;
  });
  const auto limit = std::chrono::steady_clock::now() + std::chrono::minutes{1};
  io.restart();
  while (!end->done && std::chrono::steady_clock::now() < limit) io.run_one_for(std::chrono::seconds{1});
  REQUIRE_MESSAGE(end->done, "not done within a minute");
  if (end->failure) std::rethrow_exception(end->failure);
}

toolbox_channel isolation_fixture::launch(const std::string& id, std::map<std::string, std::string> environment,
                                          std::uint64_t memory_limit, double cpus) {
  sandbox_launch what;
  what.id = id;
  what.directory = directory_of(id);
  what.environment = std::move(environment);
  what.memory_limit = memory_limit;
  what.cpus = cpus;
  return run(helper_->launch(what));
}

std::string isolation_fixture::output_of(const toolbox_channel& channel, const std::string& command) {
  return run(test::output_of(channel, command));
}

std::vector<pid_t> descendants(pid_t ancestor) {
  std::vector<pid_t> all;
  const auto number = std::to_string(ancestor);
  std::ifstream children{"/proc/" + number + "/task/" + number + "/children"};
  for (pid_t child = 0; children >> child;) {
    all.push_back(child);
    const auto below = descendants(child);
    all.insert(all.end(), below.begin(), below.end());
  }
  return all;
}

unique_fd watch(pid_t process) { return unique_fd{static_cast<int>(::syscall(SYS_pidfd_open, process, 0))}; }

bool ends(const unique_fd& process) {
  pollfd end{process.get(), POLLIN, 0};
  return !process || ::poll(&end, 1, 10'000) == 1;
}

bool only_the_helper_is_left() {
  const auto all = descendants(::getpid());
  return !all.empty() && std::all_of(all.begin() + 1, all.end(), [](pid_t process) { return ends(watch(process)); });
}

}  // namespace daytona::local::test
