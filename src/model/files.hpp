#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daytona/file_info.hpp"
#include "model/json.hpp"

namespace daytona::model {

void read(const json_node& node, file_info& out);
void read(const json_node& node, match& out);
void read(const json_node& node, search_files_response& out);
void read(const json_node& node, replace_result& out);

/// Body of `POST /files/replace`.
struct replace_request {
  std::vector<std::string> files;
  std::string pattern;
  std::string new_value;
};
void write(json_writer& out, const replace_request& request);

/// What `POST /files/move` says if it could only copy; else it says nothing.
struct move_answer {
  std::optional<std::string> error;
};
void read(const json_node& node, move_answer& out);

}  // namespace daytona::model
