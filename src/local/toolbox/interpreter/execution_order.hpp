#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "local/toolbox/interpreter/execution.hpp"

namespace daytona::local::toolbox {

/// Why a program is not run: the close code and reason that its client is told.
class execution_refusal : public std::runtime_error {
 public:
  execution_refusal(std::uint16_t code, const std::string& reason) : std::runtime_error{reason}, code_{code} {}
  std::uint16_t close_code() const { return code_; }

 private:
  std::uint16_t code_;
};

/// The first message on the socket of a program.
struct execution_order {
  execution_order();
  std::string context_id;  ///< Empty = the default context.
  execution_request request;
};

/// Reads one. Throws `execution_refusal`.
execution_order read_execution_order(std::string_view text);

}  // namespace daytona::local::toolbox
