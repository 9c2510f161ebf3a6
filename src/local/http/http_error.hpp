#pragma once

#include <stdexcept>
#include <string>

namespace daytona::local::http {

/// What a handler throws to answer with an error; the service writes it in its envelope.
class http_error : public std::runtime_error {
 public:
  http_error(unsigned status, const std::string& message, std::string code = {})
      : std::runtime_error{message}, message_{message}, status_{status}, code_{std::move(code)} {}

  unsigned status() const { return status_; }
  const std::string& message() const { return message_; }  ///< As a whole: `what()` ends at a NUL.
  /// Machine-readable cause such as `FILE_NOT_FOUND`; empty = the generic one of the status.
  const std::string& code() const { return code_; }

 private:
  std::string message_;
  unsigned status_;
  std::string code_;
};

}  // namespace daytona::local::http
