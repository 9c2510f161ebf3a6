#pragma once

#include <map>
#include <string>

#include "local/http/message.hpp"
#include "local/toolbox/request_fields.hpp"

namespace daytona::local::toolbox {

/// The size of a terminal, in characters.
struct terminal_size {
  unsigned short cols = 80;
  unsigned short rows = 24;
};

/// How a PTY is to be made.
struct pty_request {
  pty_request();
  std::string id;
  std::string cwd;                          ///< Empty = the toolbox's own.
  std::map<std::string, std::string> envs;  ///< On top of the toolbox's own.
  terminal_size size;
  bool starts_lazily = false;  ///< Its shell starts with the first client.
};

/// The body of a request that creates one. Throws `http_error` 400.
pty_request read_create_body(const std::string& body);

/// The same of a request that creates one and connects to it: its query, and the environment among the subprotocols that it offers.
pty_request read_create_connect(const http::request_head& head);

/// The body of a request for another size. Throws `http_error` 400.
terminal_size read_resize_body(const std::string& body);

/// Whether a client wants to be told of the shell's end by a message of its own.
bool wants_exit_message(const http::request_head& head);

}  // namespace daytona::local::toolbox
