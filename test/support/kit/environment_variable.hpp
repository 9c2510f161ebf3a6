#pragma once

#include <stdlib.h>

#include <optional>
#include <string>
#include <utility>

namespace daytona::test {

/// Sets a variable of the environment while it lives.
class environment_variable {
 public:
  environment_variable(std::string name, const std::string& value) : name_(std::move(name)) {
    if (const char* const was = ::getenv(name_.c_str())) before_ = was;
    ::setenv(name_.c_str(), value.c_str(), 1);
  }
  ~environment_variable() {
    if (before_)
      ::setenv(name_.c_str(), before_->c_str(), 1);
    else
      ::unsetenv(name_.c_str());
  }
  environment_variable(const environment_variable&) = delete;
  environment_variable& operator=(const environment_variable&) = delete;

 private:
  std::string name_;
  std::optional<std::string> before_;
};

}  // namespace daytona::test
