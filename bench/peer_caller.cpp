#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <array>
#include <cstdlib>
#include <stdexcept>
#include <vector>

#include "system_error.hpp"
#include "unique_fd.hpp"
#include "workload.hpp"

extern char** environ;

namespace daytona::bench {

namespace {

/// A client in another language, in a process of its own (`peers/peer.py`): told how many calls to make, it answers with its CPU time so far.
class peer_caller final : public caller {
 public:
  peer_caller(std::string_view name, const setting& wanted) {
    std::array<int, 2> ends{};
    checked(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), "socketpair");
    ours_ = unique_fd(ends[0]);
    const unique_fd theirs(ends[1]);
    const auto url = "http://127.0.0.1:" + std::to_string(wanted.port) + std::string(target_of(wanted.load));
    std::vector<std::string> words{"python3", DAYTONA_BENCH_PEERS "/peer.py", std::string(name), url,
                                   std::to_string(wanted.in_flight)};
    child_ = start(words, theirs.get());
  }

  ~peer_caller() override {
    ours_ = unique_fd();
    ::waitpid(child_, nullptr, 0);
  }

  void run(std::size_t calls) override {
    const auto order = std::to_string(calls) + "\n";
    checked(::send(ours_.get(), order.data(), order.size(), MSG_NOSIGNAL), "send");
    std::string answer;
    while (!answer.ends_with('\n')) {
      std::array<char, 64> piece;
      const auto size = checked(::recv(ours_.get(), piece.data(), piece.size(), 0), "recv");
      if (size == 0) throw std::runtime_error("a client in another language ended early");
      answer.append(piece.data(), static_cast<std::size_t>(size));
    }
    cpu_seconds_ = std::stod(answer);
  }

  double cpu_seconds_so_far() const override { return cpu_seconds_; }

 private:
  static pid_t start(std::vector<std::string>& words, int channel) {
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, channel, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, channel, STDOUT_FILENO);
    pid_t child = -1;
    const int failure = ::posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (failure != 0)
      throw std::system_error(failure, std::generic_category(), words[0] + " (./dev setup installs it)");
    return child;
  }

  unique_fd ours_;
  pid_t child_ = -1;
  double cpu_seconds_ = 0;
};

}  // namespace

std::unique_ptr<caller> make_peer(std::string_view name, const setting& wanted) {
  return std::make_unique<peer_caller>(name, wanted);
}

}  // namespace daytona::bench
