#pragma once

#include <string>

#include "daytona/session.hpp"
#include "daytona/session_logs.hpp"
#include "model/json.hpp"

namespace daytona::model {

/// Body of `POST /process/session`.
struct create_session_request {
  std::string session_id;
};
void read(const json_node& node, create_session_request& out);
void write(json_writer& out, const create_session_request& request);

/// Body of `POST /process/session/{id}/command/{id}/input`.
struct session_input_request {
  std::string data;
};
void read(const json_node& node, session_input_request& out);
void write(json_writer& out, const session_input_request& request);

/// Body of `POST /process/session/{id}/exec`.
void read(const json_node& node, session_execute_request& out);
void write(json_writer& out, const session_execute_request& request);

void read(const json_node& node, session_execute_response& out);
void write(json_writer& out, const session_execute_response& response);

void read(const json_node& node, command& out);
void write(json_writer& out, const command& one);
void read(const json_node& node, session& out);
void write(json_writer& out, const session& one);

void read(const json_node& node, session_command_logs& out);
void write(json_writer& out, const session_command_logs& logs);

}  // namespace daytona::model
