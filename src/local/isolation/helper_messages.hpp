#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "daytona/local/server.hpp"
#include "local/isolation/host_helper.hpp"

namespace daytona::local {

// What the library and its host-helper say to each other: one JSON object a packet.

struct start_request {
  std::filesystem::path data_directory;
  std::filesystem::path base = "/";
  std::string cgroup = "off";
  isolation_mode isolation = isolation_mode::automatic;
  bool require = false;
  bool temporary = false;  ///< The helper deletes the data directory at its end.
};
struct stop_request {
  std::string id;
  std::chrono::milliseconds grace{};  ///< 0 = SIGKILL at once.
};
struct remove_request {
  std::string id;
  std::filesystem::path directory;
};

/// `number` names the request in its answer. A launch travels with the toolbox's end of the channel.
struct helper_request {
  std::uint64_t number = 0;
  std::variant<start_request, sandbox_launch, stop_request, remove_request> what;
};

struct helper_answer {
  std::uint64_t number = 0;  ///< 0 = an event: sandbox `id` ended by itself, of `failure`.
  std::string id;
  std::string failure;    ///< Empty = success.
  isolation_probe probe;  ///< Of a start.
};

std::string encode(const helper_request& request);
std::string encode(const helper_answer& answer);

/// Both throw `boost::system::system_error` for what the other end would never say.
helper_request decode_request(std::string_view text);
helper_answer decode_answer(std::string_view text);

std::string_view to_string(isolation_mode mode);

}  // namespace daytona::local
