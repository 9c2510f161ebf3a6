#include "local/isolation/control_groups.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

namespace daytona::local {

namespace {

using settings = std::vector<std::pair<std::string, std::string>>;

constexpr const char* mounts_of_v1 =
    "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
    "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct\n"
    "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
    "39 31 0:36 /outer /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids\n"
    "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";

std::string no_file(const std::filesystem::path&) { return {}; }

std::set<std::string> names(std::initializer_list<const char*> list) { return {list.begin(), list.end()}; }

std::string refusal(const std::string& asked, const std::vector<group_place>& own) {
  try {
    chosen_groups(asked, own);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("one's own groups of the first version are found where they are mounted") {
  const auto own = own_groups("9:name=systemd:/\n8:pids:/outer/inner\n4:memory:/process/8e1b\n2:cpuacct,cpu:/\n0::/\n",
                              mounts_of_v1, no_file);

  REQUIRE(own.size() == 3);
  CHECK(own[0].folder == "/sys/fs/cgroup/pids/inner");
  CHECK(own[0].controllers == names({"pids"}));
  CHECK(own[1].folder == "/sys/fs/cgroup/memory/process/8e1b");
  CHECK(own[2].folder == "/sys/fs/cgroup/cpu,cpuacct");
  CHECK(own[2].controllers == names({"cpu"}));
  CHECK_FALSE(own[2].unified);
}

TEST_CASE("one's own group of the second version has the controllers that it was given") {
  const auto own = own_groups(
      "0::/user.slice/me\n", "29 24 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n",
      [](const std::filesystem::path& file) {
        return std::string{file == "/sys/fs/cgroup/user.slice/me/cgroup.controllers" ? "cpuset cpu io memory\n" : ""};
      });

  REQUIRE(own.size() == 1);
  CHECK(own[0].unified);
  CHECK(own[0].folder == "/sys/fs/cgroup/user.slice/me");
  CHECK(own[0].controllers == names({"cpu", "memory"}));
}

TEST_CASE("a group that is not below what is mounted is left out") {
  CHECK(own_groups("8:pids:/elsewhere\n", mounts_of_v1, no_file).empty());
  CHECK(own_groups("8:pids:/../..\n", mounts_of_v1, no_file).empty());
  CHECK(own_groups("", "", no_file).empty());
  CHECK(own_groups("nonsense\n1:pids\n", "1 2 3\n - cgroup\n", no_file).empty());
}

TEST_CASE("auto takes all of one's own groups, a folder must lie in one, and nothing leads out") {
  const std::vector<group_place> own = {{"/cg/pids/me", false, {"pids"}}, {"/cg/cpu", false, {"cpu"}}};

  CHECK(chosen_groups("off", own).empty());
  CHECK(chosen_groups("auto", own).size() == 2);
  const auto named = chosen_groups("/cg/pids/me/boxes:/cg/cpu", own);
  REQUIRE(named.size() == 2);
  CHECK(named[0].folder == "/cg/pids/me/boxes");
  CHECK(named[0].controllers == names({"pids"}));
  CHECK(named[1].folder == "/cg/cpu");
  for (const std::string outside : {"/cg/pids", "/cg/pids/other", "/cg/pids/me/../other", "/cg/pids/me2", "relative"})
    CHECK(refusal(outside, own).find("are never left") != std::string::npos);
}

TEST_CASE("limits are written as the version of the group has them") {
  const group_limits limits{4096, 0.5, 1U << 30U};

  CHECK(settings_of({"", false, {"pids", "cpu", "memory"}}, limits) ==
        settings{{"pids.max", "4096"},
                 {"cpu.cfs_period_us", "100000"},
                 {"cpu.cfs_quota_us", "50000"},
                 {"memory.limit_in_bytes", "1073741824"}});
  CHECK(settings_of({"", true, {"pids", "cpu", "memory"}}, limits) ==
        settings{{"pids.max", "4096"}, {"cpu.max", "50000 100000"}, {"memory.max", "1073741824"}});
  CHECK(settings_of({"", true, {"cpu", "memory"}}, {4096, 0, 0}).empty());
}

}  // namespace daytona::local
