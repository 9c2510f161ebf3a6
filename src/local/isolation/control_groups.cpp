#include "local/isolation/control_groups.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include "local/isolation/control_group_text.hpp"
#include "local/isolation/file_text.hpp"
#include "local/isolation/setup_failure.hpp"
#include "local/isolation/unique_fd.hpp"

namespace fs = std::filesystem;

namespace daytona::local {

namespace {

constexpr std::string_view mark = "daytona-";

void write_setting(const fs::path& file, const std::string& text) {
  const unique_fd opened{check(::open(file.c_str(), O_WRONLY | O_CLOEXEC), "open " + file.string())};
  check(::write(opened.get(), text.data(), text.size()), "write " + file.string());
}

/// A group of v2 hands on what it is told to, and while it has processes itself, nothing that matters.
void hand_on(const group_place& place, const std::string& controller) {
  if (!place.unified) return;
  const auto file = place.folder / "cgroup.subtree_control";
  if (has_word(file_text(file), controller)) return;
  write_setting(file, "+" + controller);
}

fs::path make_group(const group_place& place, const std::string& name, const group_limits& limits) {
  const auto group = place.folder / name;
  check(::mkdir(group.c_str(), 0755), "mkdir " + group.string());
  try {
    for (const auto& [file, text] : settings_of(place, limits)) write_setting(group / file, text);
  } catch (...) {
    ::rmdir(group.c_str());
    throw;
  }
  return group;
}

/// Whether the helper lives that named a group so: `daytona-PROCESS-NUMBER`.
bool has_owner(const std::string& name) {
  const auto process = static_cast<pid_t>(std::atoi(name.c_str() + mark.size()));
  return process > 0 && (::kill(process, 0) == 0 || errno == EPERM);
}

/// Of helpers that were killed.
void remove_leftovers(const fs::path& folder) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator{folder, ignored})
    if (const auto name = entry.path().filename().string(); name.starts_with(mark) && !has_owner(name))
      ::rmdir(entry.path().c_str());
}

}  // namespace

control_groups::control_groups(const std::string& asked) {
  if (asked == "off") return;
  const auto own = own_groups(file_text("/proc/self/cgroup"), file_text("/proc/self/mountinfo"), file_text);
  for (auto& place : chosen_groups(asked, own)) try_out(std::move(place), asked != "auto");
}

void control_groups::try_out(group_place place, bool must_work) {
  remove_leftovers(place.folder);
  const group_place all = place;
  for (const auto& controller : all.controllers) {
    try {
      group_place one = place;
      one.controllers = {controller};
      hand_on(one, controller);
      const auto group =
          make_group(one, std::string{mark} + std::to_string(::getpid()) + "-probe", {4096, 1, 1U << 30U});
      ::rmdir(group.c_str());
    } catch (const setup_failure& failure) {
      if (must_work) throw std::runtime_error{"cgroup: no limit of " + controller + ": " + failure.what()};
      place.controllers.erase(controller);
      shortcomings_ += "; no cgroup for " + controller + " (" + failure.what() + ")";
    }
  }
  if (!place.controllers.empty()) places_.push_back(std::move(place));
}

std::vector<fs::path> control_groups::make(const group_limits& limits) {
  const std::string name = std::string{mark} + std::to_string(::getpid()) + "-" + std::to_string(++made_);
  std::vector<fs::path> groups;
  try {
    for (const auto& place : places_) groups.push_back(make_group(place, name, limits));
  } catch (...) {
    remove(groups);
    throw;
  }
  return groups;
}

void control_groups::remove(const std::vector<fs::path>& groups) {
  leaving_.insert(leaving_.end(), groups.begin(), groups.end());
  std::erase_if(leaving_, [](const fs::path& group) { return ::rmdir(group.c_str()) == 0 || errno == ENOENT; });
}

bool control_groups::limits(const std::string& controller) const {
  return std::ranges::any_of(places_, [&](const auto& place) { return place.controllers.contains(controller); });
}

void enter_groups(const std::vector<fs::path>& groups) {
  for (const auto& group : groups) write_setting(group / "cgroup.procs", "0");
}

}  // namespace daytona::local
