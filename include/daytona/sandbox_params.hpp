#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daytona/detail/export.hpp"

namespace daytona::inline v0 {

/// The language that `process::code_run` runs in a sandbox; kept in its label `code-toolbox-language`.
enum class code_language { python, typescript, javascript };

/// A volume and where a sandbox sees it.
struct DAYTONA_API volume_mount {
  volume_mount();
  std::string volume_id;   ///< Id or name.
  std::string mount_path;  ///< Absolute, without `.` and `..`.
  std::string subpath;     ///< Folder inside the volume; empty = all of it.
};

/// What a sandbox gets of the machine. Absent = the server's default (1 core, 1 GiB, 3 GiB, no GPU).
struct DAYTONA_API resources {
  resources();
  std::optional<std::int64_t> cpu;     ///< Cores, at least 1.
  std::optional<std::int64_t> memory;  ///< GiB, at least 1.
  std::optional<std::int64_t> disk;    ///< GiB, at least 1.
  std::optional<std::int64_t> gpu;     ///< GPUs, 0 or more.
  std::vector<std::string> gpu_type;   ///< Preferred first, for example "H100".
};

/// What every new sandbox can be told, whatever it is made of.
struct DAYTONA_API create_sandbox_params {
  create_sandbox_params();

  std::string name;                             ///< Unique in the organization. Empty = its id.
  std::optional<code_language> language;        ///< Absent = python.
  std::string os_user;                          ///< Empty = the server's default, `daytona`.
  std::map<std::string, std::string> env_vars;  ///< Environment of everything that runs in it.
  std::map<std::string, std::string> labels;    ///< The label `code-toolbox-language` is set from `language`.
  std::optional<bool> is_public;                ///< Previews need no token. Absent = false.
  /// Stop after so long without activity. Absent = the server's default (15 min), 0 = never, negative = refused.
  std::optional<std::chrono::minutes> auto_stop_interval;
  /// Pause after so long without activity. Absent or 0 = never, negative = refused. Excludes `auto_stop_interval`.
  std::optional<std::chrono::minutes> auto_pause_interval;
  /// Archive after having been stopped so long. Absent = the server's default (7 days), 0 = the maximum (30 days), negative = refused.
  std::optional<std::chrono::minutes> auto_archive_interval;
  /// Delete after having been stopped so long. Absent = the server's default (off), 0 = at the moment it stops, negative = off.
  std::optional<std::chrono::minutes> auto_delete_interval;
  /// Destroy so long after creation, whatever its state. Absent or 0 = never, negative = refused.
  std::optional<std::chrono::minutes> ttl_minutes;
  /// Give up waiting for a runner after so long. Absent = wait without limit; at least 1 min.
  std::optional<std::chrono::minutes> queue_timeout;
  std::vector<volume_mount> volumes;
  std::map<std::string, std::string> secrets;  ///< Environment variable → name of the secret.
  std::optional<bool> network_block_all;       ///< No network at all. Absent = false.
  std::string network_allow_list;              ///< Up to 10 IPv4 CIDRs, comma-separated. Empty = no list.
  std::string domain_allow_list;       ///< Up to 10 domains, comma-separated, `*.` allowed in front. Empty = no list.
  std::string outbound_proxy_url;      ///< Empty = none.
  std::string otel_endpoint_override;  ///< Empty = the region's.
  bool ephemeral = false;              ///< Deleted when it stops: `auto_delete_interval` becomes 0.
  std::optional<bool> spot;            ///< Cheaper capacity that may be withdrawn; GPU only. Absent = false.
  std::optional<bool> kvm;             ///< Nested virtualization, for VM classes. Absent = false.
  std::string linked_sandbox;          ///< Id or name of a sandbox to share a private network with.
  std::string target;                  ///< Region of this sandbox; empty = the client's.
};

/// A sandbox made from a snapshot.
struct DAYTONA_API create_from_snapshot_params : create_sandbox_params {
  create_from_snapshot_params();
  std::string snapshot;  ///< Id or name; empty = the organization's default snapshot.
};

/// A sandbox made from a container image.
struct DAYTONA_API create_from_image_params : create_sandbox_params {
  create_from_image_params();
  std::string image;  ///< Reference with a tag, for example "debian:12". Required.
  daytona::v0::resources resources;
};

}  // namespace daytona::inline v0
