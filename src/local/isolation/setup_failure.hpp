#pragma once

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>

namespace daytona::local {

/// A step of setting a sandbox up that the system refused: "mount /proc: Operation not permitted".
class setup_failure : public std::runtime_error {
 public:
  explicit setup_failure(const std::string& step, int error = errno)
      : std::runtime_error(step + ": " + std::strerror(error)), error_(error) {}
  int error() const noexcept { return error_; }

 private:
  int error_;
};

/// Passes the result of a system call through; a negative one is a failure of `step`.
template <class Result>
Result check(Result result, const std::string& step) {
  if (result < 0) throw setup_failure(step);
  return result;
}

}  // namespace daytona::local
