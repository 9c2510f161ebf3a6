// What the kernel says of control groups, and what it is told: without a system call.
#include "local/isolation/control_group_text.hpp"

#include <algorithm>
#include <array>
#include <sstream>
#include <stdexcept>

#include "local/isolation/control_groups.hpp"

namespace fs = std::filesystem;

namespace daytona::local {

namespace {

constexpr std::array useful = {"pids", "cpu", "memory"};
constexpr std::uint64_t period = 100'000;  // microseconds

struct group_mount {
  fs::path root;   ///< The group that is mounted.
  fs::path point;  ///< Where.
  bool unified = false;
  std::string options;  ///< With the controllers of a hierarchy of v1.
};

std::vector<group_mount> group_mounts(std::string_view mountinfo) {
  std::vector<group_mount> found;
  std::istringstream lines{std::string{mountinfo}};
  for (std::string line; std::getline(lines, line);) {
    const auto separator = line.find(" - ");
    if (separator == std::string::npos) continue;
    std::istringstream front{line.substr(0, separator)};
    std::istringstream back{line.substr(separator + 3)};
    std::string skipped;
    std::string root;
    std::string point;
    std::string type;
    std::string options;
    front >> skipped >> skipped >> skipped >> root >> point;
    back >> type >> skipped >> options;
    if (type == "cgroup" || type == "cgroup2") found.push_back({root, point, type == "cgroup2", options});
  }
  return found;
}

/// Where a group is seen; empty if it is not.
fs::path place_in(const group_mount& mount, const fs::path& group) {
  const auto below = group.lexically_relative(mount.root);
  if (below.empty() || *below.begin() == "..") return {};
  return below == "." ? mount.point : mount.point / below;
}

bool lies_in(const fs::path& folder, const fs::path& group) {
  const auto below = folder.lexically_normal().lexically_relative(group);
  return !below.empty() && *below.begin() != "..";
}

std::set<std::string> useful_of(std::string_view controllers) {
  std::set<std::string> found;
  for (const char* each : useful)
    if (has_word(controllers, each)) found.insert(each);
  return found;
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream{text};
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

}  // namespace

bool has_word(std::string_view text, std::string_view word) {
  std::size_t begin = 0;
  while (begin < text.size()) {
    const auto end = std::min(text.find_first_of(" ,\n", begin), text.size());
    if (text.substr(begin, end - begin) == word) return true;
    begin = end + 1;
  }
  return false;
}

std::vector<group_place> own_groups(std::string_view cgroup, std::string_view mountinfo,
                                    const std::function<std::string(const fs::path&)>& read) {
  std::vector<group_place> found;
  const auto mounts = group_mounts(mountinfo);
  for (const auto& line : split(std::string{cgroup}, '\n')) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string names = line.substr(first + 1, second - first - 1);
    const bool unified = names.empty();
    const auto wanted = useful_of(names);
    const auto mount = std::ranges::find_if(mounts, [&](const group_mount& each) {
      return each.unified == unified &&
             std::ranges::all_of(wanted, [&](const auto& name) { return has_word(each.options, name); });
    });
    if (mount == mounts.end() || (!unified && wanted.empty())) continue;
    const auto folder = place_in(*mount, line.substr(second + 1));
    if (folder.empty()) continue;
    const auto controllers = unified ? useful_of(read(folder / "cgroup.controllers")) : wanted;
    if (!controllers.empty()) found.push_back({folder, unified, controllers});
  }
  return found;
}

std::vector<group_place> chosen_groups(const std::string& asked, const std::vector<group_place>& own) {
  if (asked == "off") return {};
  if (asked == "auto") return own;
  std::vector<group_place> chosen;
  for (const auto& folder : split(asked, ':')) {
    const auto around = std::ranges::find_if(own, [&](const auto& each) { return lies_in(folder, each.folder); });
    if (around == own.end())
      throw std::runtime_error{
          "cgroup: " + folder +
          " is no group of this process, nor in one: the groups in /proc/self/cgroup are never left"};
    chosen.push_back({fs::path{folder}.lexically_normal(), around->unified, around->controllers});
  }
  return chosen;
}

std::vector<std::pair<std::string, std::string>> settings_of(const group_place& place, const group_limits& limits) {
  std::vector<std::pair<std::string, std::string>> settings;
  const auto quota = std::to_string(static_cast<std::uint64_t>(limits.cpus * static_cast<double>(period)));
  if (place.controllers.contains("pids")) settings.emplace_back("pids.max", std::to_string(limits.processes));
  if (place.controllers.contains("cpu") && limits.cpus > 0) {
    if (place.unified) {
      settings.emplace_back("cpu.max", quota + " " + std::to_string(period));
    } else {
      settings.emplace_back("cpu.cfs_period_us", std::to_string(period));
      settings.emplace_back("cpu.cfs_quota_us", quota);
    }
  }
  if (place.controllers.contains("memory") && limits.memory > 0)
    settings.emplace_back(place.unified ? "memory.max" : "memory.limit_in_bytes", std::to_string(limits.memory));
  return settings;
}

}  // namespace daytona::local
