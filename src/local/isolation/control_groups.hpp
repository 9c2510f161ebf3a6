#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace daytona::local {

/// A group of ours, below which the groups of sandboxes may be.
struct group_place {
  std::filesystem::path folder;
  bool unified = false;               ///< cgroup v2.
  std::set<std::string> controllers;  ///< Of `pids`, `cpu` and `memory`, those that it can limit.
};

/// The groups that a process is in, by the text of its /proc/self/cgroup and mountinfo; `read` gives a file's content. What lies outside of what is mounted
/// is left out.
std::vector<group_place> own_groups(std::string_view cgroup, std::string_view mountinfo,
                                    const std::function<std::string(const std::filesystem::path&)>& read);

/// What was asked for: `off`, `auto` (our own groups), or folders that are or lie in groups of ours, with colons between them. No controller is taken
/// twice. Throws `std::runtime_error` for a folder that does not.
std::vector<group_place> chosen_groups(const std::string& asked, const std::vector<group_place>& own);

struct group_limits {
  std::uint64_t processes = 0;
  double cpus = 0;           ///< 0 = no limit.
  std::uint64_t memory = 0;  ///< Bytes; 0 = no limit.
};

/// The files of a group, and what to write into them.
std::vector<std::pair<std::string, std::string>> settings_of(const group_place& place, const group_limits& limits);

/// The control groups of the sandboxes of one helper: one for each sandbox in each hierarchy, below our own group, which is never left.
class control_groups {
 public:
  /// Finds out, by making one, what is allowed here. `auto` does without what is not. Throws `std::runtime_error` for a folder that was named.
  explicit control_groups(const std::string& asked = "off");

  /// Makes a sandbox's groups, for its first process to enter. Throws `setup_failure`.
  std::vector<std::filesystem::path> make(const group_limits& limits);
  /// Of a sandbox that is gone. What the kernel does not let go of yet is removed with one of the next.
  void remove(const std::vector<std::filesystem::path>& groups);

  bool limits(const std::string& controller) const;
  /// Why `auto` does without some; empty = it does not.
  const std::string& shortcomings() const { return shortcomings_; }

 private:
  void try_out(group_place place, bool must_work);

  std::vector<group_place> places_;
  std::vector<std::filesystem::path> leaving_;
  std::string shortcomings_;
  unsigned made_ = 0;
};

/// Moves this process into the groups. Throws `setup_failure`.
void enter_groups(const std::vector<std::filesystem::path>& groups);

}  // namespace daytona::local
