// A terminal in a sandbox, from your own; this program ends with the exit code of its shell. Run: ./dev run interactive_shell
// Shows: a PTY, raw mode, window sizes, the exit code. Leaves out: coming back to a shell that was left (connect_pty_session).
#include <boost/asio.hpp>
#include <fcntl.h>
#include <termios.h>

#include "backend.hpp"

namespace {

namespace asio = boost::asio;
using asio::use_awaitable;

int exit_code = 255;  // of a shell of which it was not told

/// From `make_raw` to `restore` each key goes through as it is, Ctrl-C too.
struct own_terminal {
  explicit own_terminal(const asio::any_io_executor& executor) : tty(executor), resized(executor, SIGWINCH) {
    const int opened = ::open("/dev/tty", O_RDWR);  // anew: Asio's non-blocking mode is not for all who share stdin
    if (opened < 0) throw std::runtime_error("interactive_shell needs a terminal");
    tty.assign(opened);
    ::tcgetattr(opened, &before);
  }
  void make_raw() {
    termios raw = before;
    ::cfmakeraw(&raw);
    ::tcsetattr(tty.native_handle(), TCSADRAIN, &raw);
  }
  void restore() {
    if (exit_code == 255) fmt::print("\x1b[?1049l\x1b[?2004l\x1b[?25h\x1b[0m\n");  // a program may have been cut off
    ::tcsetattr(tty.native_handle(), TCSADRAIN, &before);
    tty.cancel();
    resized.cancel();
  }
  daytona::pty_size size() {
    winsize now{};
    ::ioctl(tty.native_handle(), TIOCGWINSZ, &now);
    return {std::clamp<int>(now.ws_row, 1, 1000), std::clamp<int>(now.ws_col, 1, 1000)};
  }
  asio::posix::stream_descriptor tty;
  asio::signal_set resized;
  termios before{};
};

asio::awaitable<void> pass_on_keys(std::shared_ptr<own_terminal> own, daytona::pty_handle shell) {
  for (std::string keys(4096, '\0');;) {
    const auto size = co_await own->tty.async_read_some(asio::buffer(keys), use_awaitable);
    co_await shell.send_input(std::string_view(keys).substr(0, size));
  }
}

asio::awaitable<void> pass_on_size(std::shared_ptr<own_terminal> own, daytona::pty_handle shell) {
  for (;; co_await shell.resize(own->size())) co_await own->resized.async_wait(use_awaitable);
}

asio::awaitable<void> interactive_shell(daytona::client client, std::vector<std::string>) {
  const auto executor = co_await asio::this_coro::executor;
  const auto own = std::make_shared<own_terminal>(executor);
  auto run_shell = [&](daytona::sandbox sandbox) -> asio::awaitable<void> {
    daytona::create_pty_options options;
    options.pty_size = own->size();
    auto shell = co_await sandbox.process().create_pty_session("shell", options);
    const std::shared_ptr<void> at_the_end(nullptr, [&](auto) { own->restore(); });  // whatever happens
    own->make_raw();
    asio::co_spawn(executor, pass_on_keys(own, shell), asio::detached);  // what goes wrong there ends the output, too
    asio::co_spawn(executor, pass_on_size(own, shell), asio::detached);
    while (auto bytes = co_await shell.next())
      co_await asio::async_write(own->tty, asio::buffer(*bytes), use_awaitable);
    exit_code = shell.exit_code().value_or(exit_code);
  };
  co_await daytona::with_sandbox(client, daytona::create_from_snapshot_params(), run_shell);
  fmt::print("the shell has ended with exit code {}\n", exit_code);
}

}  // namespace

int main(int argc, char** argv) {
  const int status = samples::run(argc, argv, interactive_shell);
  return status != 0 ? status : exit_code;
}
