#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <chrono>
#include <exception>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kit/temporary_directory.hpp"
#include "local/toolbox/interpreter/code_contexts.hpp"
#include "net/timers.hpp"

namespace daytona::local::test {

namespace asio = boost::asio;

/// A program and what it told.
struct told_program {
  std::shared_ptr<toolbox::execution> what;
  std::string stdout_, stderr_, traceback;
  std::string
      story;  ///< All in its order: the texts of one kind behind `o` (stdout), `r` (stderr), `e` (error) or a blank (control).

  /// Takes in what has come, however it was cut.
  void listen() {
    while (const auto message = what->take_message()) {
      const auto value = boost::json::parse(*message);
      const auto text = [&](const char* name) { return std::string{value.at(name).as_string()}; };
      const auto type = text("type");
      const char mark = type == "stdout" ? 'o' : type == "stderr" ? 'r' : type == "error" ? 'e' : ' ';
      if (mark != last_) story += last_ = mark;
      if (type == "stdout") stdout_ += text("text");
      if (type == "stderr") stderr_ += text("text");
      if (type == "error") traceback += text("traceback");
      story += type == "error" ? text("name") + ": " + text("value") : text("text");
    }
  }
  /// `code reason` of its end; empty if it has none.
  std::string end() const {
    const auto& ended = what->how_it_ended();
    if (!ended) return {};
    return std::to_string(ended->code) + (ended->reason.empty() ? "" : " " + ended->reason);
  }

 private:
  char last_ = ' ';
};

/// The contexts of a toolbox without a sandbox around: real workers, and time that stands still but when it is moved.
struct interpreter_fixture {
  using context_ptr = std::shared_ptr<toolbox::code_context>;

  explicit interpreter_fixture(toolbox::interpreter_limits limits = {})
      : all{std::make_shared<toolbox::code_contexts>(
            toolbox::interpreter_surroundings{io.get_executor(), children, memory, limits})} {
    clock.use_manual_clock(now);
  }
  ~interpreter_fixture() {
    for (const auto& each : all->all()) remove(each->id());
    if (!has_default_) return;
    asio::co_spawn(io, toolbox::code_context::end(all->default_context()), [&](std::exception_ptr) { io.stop(); });
    io.restart();
    pass_until([&] { return io.stopped(); });
  }
  interpreter_fixture(const interpreter_fixture&) = delete;
  interpreter_fixture& operator=(const interpreter_fixture&) = delete;

  context_ptr default_context() {
    has_default_ = true;
    return all->default_context();
  }
  void until(const std::function<bool()>& holds) {
    while (!holds()) REQUIRE(io.run_one_for(std::chrono::seconds{60}) > 0);
  }
  /// The same while time passes.
  void pass_until(const std::function<bool()>& holds) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{60};
    while (!holds()) {
      REQUIRE(std::chrono::steady_clock::now() < give_up);
      pass(std::chrono::milliseconds{1});
      io.run_one_for(std::chrono::milliseconds{1});
    }
  }
  void pass(std::chrono::milliseconds time) {
    clock.advance_to(now += time);
    io.poll();
  }

  told_program start(const context_ptr& where, std::string code, std::chrono::seconds limit = {},
                     std::map<std::string, std::string> environment = {}) {
    toolbox::execution_request request;
    request.code = std::move(code);
    request.environment = std::move(environment);
    if (limit.count() > 0) request.time_limit = limit;
    told_program program;
    program.what = std::make_shared<toolbox::execution>(io.get_executor(), std::move(request), nullptr);
    CHECK(where->add(program.what));
    return program;
  }
  void finish(told_program& program) {
    until([&] {
      program.listen();
      return program.what->is_over();
    });
    program.listen();
  }
  /// Lets the time limit of a program pass, and so much more as it needs to come to its end.
  void time_out(told_program& program, std::chrono::milliseconds limit) {
    pass(limit);
    pass_until([&] {
      program.listen();
      return program.what->is_over();
    });
    program.listen();
  }
  void hear(told_program& program, const std::string& text) {
    until([&] {
      program.listen();
      return program.story.find(text) != std::string::npos;
    });
  }
  told_program run(const context_ptr& where, std::string code, std::map<std::string, std::string> environment = {}) {
    auto program = start(where, std::move(code), {}, std::move(environment));
    finish(program);
    return program;
  }
  told_program run(std::string code) { return run(default_context(), std::move(code)); }

  void remove(const std::string& id) {
    bool is_done = false;
    asio::co_spawn(io, toolbox::code_contexts::remove(all, id), [&](std::exception_ptr failure) {
      CHECK_FALSE(failure);
      is_done = true;
    });
    pass_until([&] { return is_done; });
  }

  asio::io_context io;
  net::timers& clock = net::timers_of(io.get_executor());
  net::steady_time now{std::chrono::hours{24}};
  toolbox::child_watcher children{io.get_executor()};
  toolbox::memory_watch memory{io.get_executor(), 0};
  std::shared_ptr<toolbox::code_contexts> all;

 private:
  bool has_default_ = false;
};

/// A FIFO that a program waits at until it is opened.
struct gate : daytona::test::temporary_directory {
  gate() { ::mkfifo(name().c_str(), 0600); }
  std::string name() const { return (path / "gate").string(); }
  /// Python that waits until the gate is opened.
  std::string pass() const { return "open('" + name() + "').read()\n"; }
  void open() const { std::ofstream{name()} << 'x'; }
};

}  // namespace daytona::local::test
