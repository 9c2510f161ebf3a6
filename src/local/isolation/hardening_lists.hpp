#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace daytona::local {

// What stands behind the namespaces, as data: what the sandboxes are made by, what is printed, and what the tests go through.

/// A capability that root inside may have; all others it can never get.
struct kept_capability {
  int number;
  std::string_view name;
};

/// When a system call is refused, by one of its arguments.
enum class refused_when {
  always,
  any_bit,    ///< The argument has one of the bits of `value`.
  equal,      ///< Its lower 32 bits are `value`: the kernel looks at no others.
  above,      ///< It is greater than `value`.
  other_bits  ///< It has bits besides those of `value`, and is not the question for the present ones (all bits).
};

/// A system call that nothing inside may make.
struct refused_call {
  std::string_view name;
  int error;  ///< What the caller gets: EPERM, or ENOSYS where programs know how to do without.
  refused_when when = refused_when::always;
  unsigned argument = 0;
  std::uint64_t value = 0;
  std::string_view note = {};  ///< What `value` stands for.
};

std::span<const kept_capability> kept_capabilities();
std::span<const refused_call> refused_calls();

/// Below /proc and /sys: what is read-only, and what is hidden by an empty file or folder. What the kernel does not have is passed over.
std::span<const char* const> read_only_paths();
std::span<const char* const> hidden_paths();

// The limits of a sandbox, always on.
inline constexpr std::uint64_t max_processes = 4096;    ///< Threads count as processes.
inline constexpr std::uint64_t max_open_files = 65536;  ///< Of one process.
/// `max_open_files`, or less where the machine allows this process less.
std::uint64_t allowed_open_files() noexcept;

/// "unshare (CLONE_NEWUSER): EPERM".
std::string to_string(const refused_call& call);

/// All of it, for people.
std::string hardening_text();

}  // namespace daytona::local
