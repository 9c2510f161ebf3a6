#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace daytona::local {

/// What the backend tells about itself and its one organization.
struct platform {
  std::string base_url;  ///< `http://127.0.0.1:41234`
  std::string organization_id;
  std::string made_at;    ///< When this data directory was made.
  std::string isolation;  ///< The mode in force, for people.
  std::string base;       ///< What sandboxes are made of, for people.
  std::string limits;     ///< What limits a sandbox, for people.
  std::string key_hint;   ///< The API key, masked.

  /// What sandboxes are made of, and how many run on what it was before it changed.
  std::string base_text(std::size_t on_changed_base) const;
  std::string toolbox_url() const { return base_url + "/toolbox"; }

  // The answers' JSON.
  std::string configuration(std::size_t on_changed_base) const;  // GET /config
  std::string current_key() const;                               // GET /api-keys/current
  std::string organizations() const;                             // GET /organizations
  std::string regions() const;                                   // GET /regions, GET /shared-regions
  std::string snapshots() const;                                 // GET /snapshots
};

}  // namespace daytona::local
