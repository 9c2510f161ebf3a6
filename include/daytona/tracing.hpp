#pragma once

#include <boost/system/error_code.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "daytona/error.hpp"

namespace daytona::inline v0 {

/// How long one phase of an attempt took.
struct phase_duration {
  daytona::phase phase = daytona::phase::none;
  std::chrono::nanoseconds duration{};
};

/// One attempt of one call, told when it has ended. Holds no credential: URLs come without query, headers not at all.
struct trace_event {
  std::string operation;  ///< "execute command", …
  std::string method;
  std::string url;       ///< Without query.
  unsigned attempt = 1;  ///< Counts from 1.
  unsigned status = 0;   ///< HTTP status; 0 = no answer.
  std::string request_id;
  boost::system::error_code error;  ///< Clear if an answer came, whatever its status.
  bool reused_connection = false;
  std::chrono::nanoseconds duration{};  ///< Without the pause before it.
  std::vector<phase_duration> phases;   ///< In their order, behind the pause before it if there was one.
};

/// Told of every attempt. Called on the executor of the call; may call the library again; what it throws is dropped.
using trace_handler = std::function<void(const trace_event&)>;

}  // namespace daytona::inline v0
