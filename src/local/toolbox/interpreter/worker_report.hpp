#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "local/toolbox/interpreter/execution.hpp"

namespace daytona::local::toolbox {

/// What a worker says, in packets, of the program that it runs. It is not to be trusted: programs can say it, too.
class worker_report {
 public:
  /// What is to be done for a packet, once what was printed before it was taken.
  enum class step { none, answer, end_program };

  /// From now on it tells of `program`.
  void begin(std::shared_ptr<execution> program);
  /// Null if none runs.
  const std::shared_ptr<execution>& program() const { return program_; }

  step take(std::string_view packet);
  void put_output(bool is_stdout, std::string_view bytes);
  /// As the packet said that demanded it. False if none runs.
  bool end_program();
  /// The worker has ended without saying so.
  void forget_program() { program_.reset(); }

  bool has_noticed_interrupt() const { return has_noticed_; }
  /// Whether the process said that it ends.
  bool is_leaving() const { return is_leaving_; }

 private:
  std::shared_ptr<execution> program_;
  std::string error_;  // parts of what ended the program
  char how_ = 'd';     // the last packet that ended one
  bool has_noticed_ = false;
  bool is_leaving_ = false;
};

/// The line that begins a program, for the worker; `request` loses its code by it.
std::string worker_command(execution_request& request);

}  // namespace daytona::local::toolbox
