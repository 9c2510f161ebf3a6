#pragma once

#include <string>

#include "model/json.hpp"

namespace daytona::model {

/// `{"dir": …}`: the answer of `GET /work-dir` and `GET /user-home-dir`.
struct directory_answer {
  std::string dir;
};
void read(const json_node& node, directory_answer& out);
void write(json_writer& out, const directory_answer& answer);

}  // namespace daytona::model
