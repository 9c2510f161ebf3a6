#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daytona/execution.hpp"
#include "model/json.hpp"

namespace daytona::model {

/// Body of `POST /process/execute`.
struct execute_request {
  std::string command;
  std::string cwd;                          ///< Empty = not sent.
  std::map<std::string, std::string> envs;  ///< Empty = not sent.
  std::optional<std::int64_t> timeout;      ///< Whole seconds.
};
void read(const json_node& node, execute_request& out);
void write(json_writer& out, const execute_request& request);

/// Body of `POST /process/code-run`.
struct code_run_request {
  std::string code;
  std::string language;
  std::vector<std::string> argv;            ///< Put on a shell's command line as they are. Empty = not sent.
  std::map<std::string, std::string> envs;  ///< Empty = not sent.
  std::optional<std::int64_t> timeout;      ///< Whole seconds.
};
void read(const json_node& node, code_run_request& out);
void write(json_writer& out, const code_run_request& request);

/// Reads the answer to both. The exit code is required (the oldest servers call it `code`) and never guessed.
void read(const json_node& node, execute_response& out);
/// Writes the merged form, with `artifacts` only if there are charts.
void write(json_writer& out, const execute_response& response);

}  // namespace daytona::model
