#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "daytona/pty.hpp"
#include "model/json.hpp"

namespace daytona::model {

/// Body of `POST /process/pty`.
struct create_pty_request {
  std::string id;
  std::string cwd;                          ///< Empty = not sent.
  std::map<std::string, std::string> envs;  ///< Empty = not sent.
  std::int64_t cols = 0, rows = 0;
};
void read(const json_node& node, create_pty_request& out);
void write(json_writer& out, const create_pty_request& request);

/// Body of `POST /process/pty/{id}/resize`.
struct resize_pty_request {
  std::int64_t cols = 0, rows = 0;
};
void read(const json_node& node, resize_pty_request& out);
void write(json_writer& out, const resize_pty_request& request);

/// `{"sessions": […]}`
struct pty_session_list {
  std::vector<pty_session_info> sessions;
};
void read(const json_node& node, pty_session_list& out);
void write(json_writer& out, const pty_session_list& list);

void read(const json_node& node, pty_session_info& out);
void write(json_writer& out, const pty_session_info& info);

}  // namespace daytona::model
