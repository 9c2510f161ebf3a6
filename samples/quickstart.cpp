// A first sandbox: make it, run a command, run code, remove it. Run: ./dev run
// Shows: client, create, exec, code_run, remove. Leaves out: everything concurrent (many_sandboxes).
#include <chrono>

#include "backend.hpp"

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr std::string_view program = R"(
import platform
print('Python', platform.python_version(), 'adds up to', sum(range(101)))
)";

asio::awaitable<void> quickstart(daytona::client client, std::vector<std::string>) {
  const auto begin = std::chrono::steady_clock::now();
  auto say = [&](std::string_view step, std::string_view text) {
    fmt::print("{:>6} ms  {:<9} {}", (std::chrono::steady_clock::now() - begin) / 1ms, step, text);
  };

  daytona::sandbox sandbox = co_await client.create();
  say("create", fmt::format("sandbox {} is {}\n", sandbox.id(), daytona::to_string(sandbox.state())));

  auto hello = co_await sandbox.process().exec(
      R"(echo "I am $(whoami) in $PWD, one of $(ls -d /proc/[0-9]* | wc -l) processes")");
  say("exec", hello.result);

  auto code = co_await sandbox.process().code_run(program);
  say("code_run", code.result);

  auto failed = co_await sandbox.process().exec("ls /nowhere");
  say("exec", fmt::format("exit code {} is a result, not an exception: {}", failed.exit_code, failed.result));

  co_await sandbox.remove();
  say("remove", "nothing is left of it\n");
}

}  // namespace

int main(int argc, char** argv) { return samples::run(argc, argv, quickstart); }
