#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "daytona/local/server.hpp"

namespace daytona::local {

class system_call_filter;

/// The user that a sandbox of the default snapshot runs as.
inline constexpr std::uint32_t sandbox_uid = 1000;
inline constexpr const char* sandbox_user = "daytona";
inline constexpr const char* sandbox_home = "/home/daytona";

/// How ids inside relate to ids outside.
struct id_map {
  isolation_mode mode = isolation_mode::none;
  std::uint32_t first = 0;  ///< shifted: what uid 0 inside is outside; 65536 ids follow it.

  /// Who owns, outside, what `id` owns inside. Where there is one id only, or no map at all, it is ours.
  std::uint32_t outside(std::uint32_t id, std::uint32_t own) const {
    return mode == isolation_mode::shifted ? first + id : own;
  }
};

/// What sandboxes are made of, and the folders of a data directory that they share.
struct base_layers {
  std::filesystem::path source;   ///< `/`, the machine itself, or the root of a Debian tree.
  std::filesystem::path etc;      ///< The synthesized /etc.
  std::filesystem::path usr;      ///< What lies over the source's /usr.
  std::filesystem::path staging;  ///< shifted: id-mapped views of the source's folders, seen by the helper only.

  bool is_machine() const { return source == "/"; }
};

/// All that is needed to make one sandbox.
struct sandbox_plan {
  id_map ids;
  base_layers base;
  std::filesystem::path directory;
  std::string host_name;
  std::uint32_t owner =
      0;  ///< shifted: the user, outside, whom the namespaces belong to; no two running sandboxes share one.
  std::uint64_t memory_limit = 0;             ///< Bytes of all processes together; 0 = none.
  std::vector<std::filesystem::path> groups;  ///< Control groups to enter.
  std::vector<std::string> environment;       ///< NAME=value, of PID 1 and so of everything inside.
  int program = -1;                           ///< The toolbox: a sealed memfd.
  int channel = -1;                           ///< Its end of the channel to the control plane.
  int lifeline = -1;                          ///< Readable, at its end, once the helper is gone.
  const system_call_filter* filter = nullptr;
};

}  // namespace daytona::local
