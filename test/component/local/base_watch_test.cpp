#include "local/control/base_watch.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "backend.hpp"
#include "local/control/create_request.hpp"

namespace fs = std::filesystem;
using namespace daytona::local;
using namespace daytona::local::test;

namespace {

/// The folders of a machine that are watched.
struct watched_machine {
  watched_machine() {
    for (const char* folder : {"usr/bin", "usr/lib/x86_64-linux-gnu", "usr/local/bin", "opt", "var/lib/dpkg", "home"})
      fs::create_directories(directory.path / folder);
    write("var/lib/dpkg/status");
    watch = std::make_unique<base_watch>(io.get_executor(), directory.path, [this] { ++times; });
  }

  void write(const std::string& file) const { std::ofstream{directory.path / file} << "x"; }
  /// How often it was told of what has happened so far.
  int told() {
    io.restart();
    times = 0;
    while (io.poll_one() > 0) {
    }
    return times;
  }

  daytona::test::temporary_directory directory;
  boost::asio::io_context io;
  std::unique_ptr<base_watch> watch;
  int times = 0;
};

daytona::model::sandbox_data create_sandbox(backend& local) {
  return run(local.io, sandboxes::create(local.all, read_create_request("{}")));
}

}  // namespace

TEST_CASE("a change of the machine's programs, libraries and packages is noticed, and nothing else") {
  watched_machine machine;
  CHECK(machine.watch->failure() == "");

  for (const std::string file : {"usr/bin/tool", "usr/lib/x86_64-linux-gnu/lib.so", "usr/local/bin/mine", "opt/mine"}) {
    INFO(file);
    machine.write(file);
    CHECK(machine.told() == 1);
  }
  machine.write("var/lib/dpkg/status-new");
  CHECK(machine.told() == 0);
  fs::rename(machine.directory.path / "var/lib/dpkg/status-new", machine.directory.path / "var/lib/dpkg/status");
  CHECK(machine.told() == 1);
  fs::remove(machine.directory.path / "usr/bin/tool");
  CHECK(machine.told() == 1);
  machine.write("var/lib/dpkg/lock-frontend");
  machine.write("home/mine");
  std::ifstream{machine.directory.path / "opt/mine"}.get();
  CHECK(machine.told() == 0);
}

TEST_CASE("a folder that can't be watched is named, one that is not there is not") {
  watched_machine machine;
  fs::create_directory_symlink("sbin", machine.directory.path / "usr/sbin");  // to itself

  const base_watch watch{machine.io.get_executor(), machine.directory.path, [] {}};

  CHECK(watch.failure() == (machine.directory.path / "usr/sbin").string() + ": Too many levels of symbolic links");
}

TEST_CASE("a watch that was closed holds nobody up") {
  watched_machine machine;

  machine.watch->close();
  machine.write("usr/bin/tool");

  CHECK(machine.told() == 0);
  machine.io.restart();
  CHECK(machine.io.run() == 0);
}

TEST_CASE("running sandboxes whose base has changed say so until they are started anew, and others don't") {
  backend local;
  const auto running = create_sandbox(local).id;
  const auto stopped = create_sandbox(local).id;
  run(local.io, sandboxes::stop(local.all, stopped, true));
  local.io.restart();
  while (local.io.poll_one() > 0) {
  }

  CHECK(local.all->base_changed() == 1);
  CHECK(local.all->base_changed() == 0);  // told already

  CHECK(local.all->get(running).state == "started");
  CHECK(local.all->get(running).error_reason.value_or("").find("Stop it and start it") != std::string::npos);
  CHECK_FALSE(local.all->get(stopped).error_reason);
  CHECK(local.all->on_changed_base() == 1);
  run(local.io, sandboxes::start(local.all, stopped));
  CHECK_FALSE(local.all->get(stopped).error_reason);
  run(local.io, sandboxes::stop(local.all, running, true));
  local.io.restart();
  while (local.io.poll_one() > 0) {
  }
  run(local.io, sandboxes::start(local.all, running));
  CHECK_FALSE(local.all->get(running).error_reason);
  CHECK(local.all->on_changed_base() == 0);
}

TEST_CASE("a sandbox whose base changes while it starts says so") {
  backend local;
  local.runner->close_gate(local.io);
  local.runner->gate_launches = true;
  boost::asio::co_spawn(local.io, sandboxes::create(local.all, read_create_request(R"({"name":"box"})")),
                        [](std::exception_ptr, const daytona::model::sandbox_data&) {});
  local.io.restart();
  while (local.io.poll_one() > 0) {
  }

  CHECK(local.all->base_changed() == 0);
  local.runner->open_gate();
  while (local.all->get("box").state != "started") local.io.run_one();

  CHECK(local.all->get("box").error_reason);
}
