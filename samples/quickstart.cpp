// A first sandbox: make it, run a command, run code, remove it. Run: ./dev run
// Shows: client, exec, code_run, with_sandbox. Leaves out: everything concurrent (many_sandboxes).
#include "backend.hpp"

namespace {

namespace asio = boost::asio;

asio::awaitable<void> quickstart(daytona::client client, std::vector<std::string>) {
  daytona::sandbox sandbox = co_await client.create();
  fmt::print("created {} ({})\n", sandbox.id(), daytona::to_string(sandbox.state()));

  auto hello = co_await sandbox.process().exec("echo \"hello from $(hostname)\" && whoami && pwd");
  fmt::print("exec ended with {}:\n{}", hello.exit_code, hello.result);

  auto code = co_await sandbox.process().code_run(
      "import sys\nprint('python', sys.version.split()[0], 'says', sum(range(101)))");
  fmt::print("code_run ended with {}:\n{}", code.exit_code, code.result);

  auto failed = co_await sandbox.process().exec("ls /nowhere");
  fmt::print("a command that fails is a result, not an error: {} -> {}", failed.exit_code, failed.result);

  co_await sandbox.remove();
  fmt::print("removed {}\n", sandbox.id());
}

}  // namespace

int main(int argc, char** argv) { return samples::run(argc, argv, quickstart); }
