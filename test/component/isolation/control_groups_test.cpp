// Control groups, as far as this machine has some that can be tried.
#include "local/isolation/control_groups.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>

#include "daytona/error.hpp"
#include "escape_fixture.hpp"
#include "local/isolation/remove_tree.hpp"

namespace fs = std::filesystem;

namespace daytona::local::test {

namespace {

/// Our own groups for processes and CPU.
std::vector<fs::path> groups_to_try() {
  std::vector<fs::path> found;
  for (const auto& place : own_groups(content("/proc/self/cgroup"), content("/proc/self/mountinfo"), content))
    if (!place.unified && !place.controllers.contains("memory")) found.push_back(place.folder);
  return found;
}

bool has_memory_group() {
  const auto own = own_groups(content("/proc/self/cgroup"), content("/proc/self/mountinfo"), content);
  return std::ranges::any_of(own,
                             [](const auto& each) { return !each.unified && each.controllers.contains("memory"); });
}

std::string joined(const std::vector<fs::path>& folders) {
  std::string text;
  for (const auto& folder : folders) text += (text.empty() ? "" : ":") + folder.string();
  return text;
}

/// The groups of sandboxes in these folders that have a file of that name.
std::vector<fs::path> groups_with(const std::string& file) {
  std::vector<fs::path> found;
  for (const auto& folder : groups_to_try())
    for (const auto& entry : fs::directory_iterator{folder})
      if (entry.path().filename().string().starts_with("daytona-") && fs::exists(entry.path() / file))
        found.push_back(entry.path());
  return found;
}

/// Where they can't be tried, nothing of what they would limit may be claimed, and who names some is told which does not work.
void check_what_is_said_without(const std::vector<fs::path>& folders) {
  MESSAGE("NOT TRIED: limits by control groups, which need root and groups of the first version for processes and CPU");
  {
    const isolation_fixture fixture;
    const auto& limits = fixture.helper().isolation().limits;
    CHECK(limits.find("by cgroup") == std::string::npos);
    CHECK(limits.find("cpu and disk have no limit") != std::string::npos);
  }
  const auto data = std::make_shared<data_folder>();
  const auto start = [&] { isolation_fixture{strongest_mode(), data, joined(folders)}; };
  if (!folders.empty()) CHECK_THROWS_WITH_AS(start(), doctest::Contains("cgroup: no limit of "), daytona::error);
  remove_tree(data->path);
}

}  // namespace

TEST_CASE("in control groups a sandbox has the processes and the CPU that it was given, and leaves no group behind") {
  const auto folders = groups_to_try();
  // Others may make no group here; and where there is but the second version, with one group for all, that of this process's memory is left alone.
  if (!has_root() || folders.size() < 2) return check_what_is_said_without(folders);
  fs::create_directory(folders.front() / "daytona-2000000000-1");  // of a helper that was killed
  isolation_fixture fixture{strongest_mode(), std::make_shared<data_folder>(), joined(folders)};
  const auto sandbox = fixture.launch("one", {}, 0, 0.25);
  REQUIRE(groups_with("pids.max").size() == 1);
  REQUIRE(groups_with("cpu.cfs_quota_us").size() == 1);
  const auto pids = groups_with("pids.max").front();

  CHECK(fixture.helper().isolation().limits.find("cpu as the sandbox has it, by cgroup") != std::string::npos);
  CHECK(content(pids / "pids.max") == "4096\n");
  CHECK(content(groups_with("cpu.cfs_quota_us").front() / "cpu.cfs_quota_us") == "25000\n");
  // A second of work takes four.
  const auto share = fixture.output_of(sandbox,
                                       "python3 -c 'import time\n"
                                       "begin, used = time.monotonic(), time.process_time()\n"
                                       "while time.monotonic() - begin < 2: pass\n"
                                       "print((time.process_time() - used) / 2)'");
  CHECK(std::stod(share) < 0.4);
  std::ofstream{pids / "pids.max"} << 20;
  // Unlike bash, sh gives up at the first refusal.
  const auto refused =
      fixture.output_of(sandbox, "sh -c 'for i in $(seq 40); do sleep 20 >/dev/null 2>&1 & done' 2>&1; true");
  CHECK(refused.find("Cannot fork") != std::string::npos);

  fixture.run(fixture.helper().remove("one", fixture.directory_of("one")));
  CHECK(only_the_helper_is_left());
  fixture.launch("two");
  CHECK(groups_with("pids.max").size() == 1);
  fixture.run(fixture.helper().remove("two", fixture.directory_of("two")));
}

TEST_CASE("in a control group of memory a sandbox is held to its memory, also by what no process maps") {
  if (!has_root() || !has_memory_group()) {
    MESSAGE("NOT TRIED: memory by control groups, which needs root and a group of the first version for memory");
    return;
  }
  isolation_fixture fixture{strongest_mode(), std::make_shared<data_folder>(), "auto"};
  const auto sandbox = fixture.launch("one", {}, std::uint64_t{256} << 20);

  const auto filled = fixture.output_of(sandbox,
                                        "python3 -c 'import os\n"
                                        "file = os.memfd_create(\"x\")\n"
                                        "for _ in range(320): os.write(file, bytes(1 << 20))'; echo status $?");

  CHECK(filled.ends_with("status 137\n"));
  CHECK(fixture.output_of(sandbox, "echo alive") == "alive\n");
  fixture.run(fixture.helper().remove("one", fixture.directory_of("one")));
}

TEST_CASE("without control groups none is made, and a folder outside of our own is refused by name") {
  isolation_fixture fixture;
  fixture.launch("one");
  CHECK(groups_with("cgroup.procs").empty());

  const auto data = std::make_shared<data_folder>();
  const auto start = [&] { isolation_fixture{strongest_mode(), data, "/tmp"}; };
  CHECK_THROWS_WITH_AS(start(), doctest::Contains("/tmp is no group of this process, nor in one"), daytona::error);
  remove_tree(data->path);
}

}  // namespace daytona::local::test
