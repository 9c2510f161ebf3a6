// Programs that draw on a terminal, seen as their user sees them.
#include <doctest/doctest.h>

#include <functional>
#include <stdexcept>
#include <string>

#include "live.hpp"
#include "screen.hpp"

using namespace daytona;
using namespace daytona::test;

namespace {

template <class T>
using awaitable = asio::awaitable<T>;

awaitable<pty_handle> open_screen(sandbox owner, pty_size size) {
  create_pty_options options;
  options.pty_size = size;
  auto terminal = co_await owner.process().create_pty_session("t", options);
  co_return terminal;
}

/// Draws what comes until `is_drawn` is content.
awaitable<void> draw_until(pty_handle terminal, screen& shown, std::function<bool()> is_drawn) {
  while (!is_drawn()) {
    const auto output = co_await terminal.next();
    if (!output) throw std::runtime_error("the terminal ended");
    shown.put(*output);
  }
}

}  // namespace

TEST_CASE("a program that draws: what it drew, in which places, after a key and after another size") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    const std::string program =
        "import curses\n"
        "def draw(s):\n"
        "  s.timeout(50)\n"  // a size that changes right before getch() waits is told by its next call
        "  while True:\n"
        "    s.erase(); h, w = s.getmaxyx(); s.border()\n"
        "    s.addstr(0, 2, f' {w}x{h} '); s.addstr(h // 2, (w - 6) // 2, 'middle', curses.A_BOLD); s.addstr(h - 2, w "
        "- 5, 'end')\n"
        "    s.refresh(); k = s.getch()\n"
        "    if k == ord('q'): return\n"
        "curses.wrapper(draw)\n";
    // Not typed into the terminal, whose echo of it would look like what it draws.
    const std::string write = "cat > draw.py <<'END'\n" + program + "END";
    co_await sandbox.process().exec(write);
    auto terminal = co_await open_screen(sandbox, pty_size(11, 40));
    screen shown(11, 40);
    co_await terminal.send_input("python3 draw.py; exit 6\n");
    auto drew_small = [&] { return shown.row(9).find("end") != std::string::npos; };
    co_await draw_until(terminal, shown, drew_small);
    CHECK(shown.row(0).find(" 40x11 ") == 2);
    CHECK(shown.row(5).find("middle") == 17);
    CHECK(shown.row(9).find("end") == 35);
    pty_size size(21, 60);
    shown.resize(21, 60);
    co_await terminal.resize(size);
    auto drew_large = [&] { return shown.row(19).find("end") != std::string::npos; };
    co_await draw_until(terminal, shown, drew_large);
    CHECK(shown.row(0).find(" 60x21 ") == 2);
    CHECK(shown.row(10).find("middle") == 27);
    CHECK(shown.row(19).find("end") == 55);
    CHECK(shown.row(9).find("end") == std::string::npos);
    co_await terminal.send_input("q");
    auto ended = co_await terminal.wait();
    CHECK(ended.exit_code == 6);
  });
}

TEST_CASE("top, drawn in a terminal: its lines are where they belong") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    auto terminal = co_await open_screen(sandbox, pty_size(24, 80));
    screen shown(24, 80);
    co_await terminal.send_input("exec env -u COLUMNS -u LINES top\n");
    auto drew_head = [&] { return shown.row(6).find("PID USER") != std::string::npos; };
    co_await draw_until(terminal, shown, drew_head);
    CHECK(shown.row(0).starts_with("top - "));
    CHECK(shown.row(1).starts_with("Tasks:"));
    CHECK(shown.row(2).starts_with("%Cpu(s):"));
    co_await terminal.send_input("q");
    auto ended = co_await terminal.wait();
    CHECK(ended.exit_code == 0);
  });
}
