#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daytona/code_interpreter.hpp"
#include "model/json.hpp"

namespace daytona::model {

/// The first message on the socket of `GET /process/interpreter/execute`.
struct run_code_request {
  std::string code;
  std::string context_id;                   ///< Empty = not sent.
  std::optional<std::int64_t> timeout;      ///< Whole seconds; 0 = none.
  std::map<std::string, std::string> envs;  ///< Empty = not sent.
};
void read(const json_node& node, run_code_request& out);
void write(json_writer& out, const run_code_request& request);

/// A message of the server on that socket. Members that its type does not use are empty.
struct interpreter_message {
  std::string type;  ///< "stdout", "stderr", "error", "control"; others may come and mean nothing.
  std::string text;
  std::string name, value, traceback;
};
void read(const json_node& node, interpreter_message& out);
void write(json_writer& out, const interpreter_message& message);

/// Body of `POST /process/interpreter/context`.
struct create_context_request {
  std::string cwd;       ///< Empty = not sent.
  std::string language;  ///< Empty = not sent.
};
void read(const json_node& node, create_context_request& out);
void write(json_writer& out, const create_context_request& request);

/// `{"contexts": […]}`
struct context_list {
  std::vector<interpreter_context> contexts;
};
void read(const json_node& node, context_list& out);
void write(json_writer& out, const context_list& list);

void read(const json_node& node, interpreter_context& out);
void write(json_writer& out, const interpreter_context& context);

}  // namespace daytona::model
