#pragma once

#include <daytona/session_logs.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace daytona::local::toolbox {

/// Makes one log of a command's two outputs: before the bytes of each a marker that says whose they are, wherever the source changes and at the start
/// of each line, so that a reader who knows lines only takes it apart too. Adds, drops and delays no other byte.
class log_labeller {
 public:
  /// Appends `bytes` of `source` to `out` as they stand in the log.
  void append(log_source source, std::string_view bytes, std::string& out);

  bool is_at_line_start() const { return at_line_start_; }

 private:
  std::optional<log_source> source_;
  bool at_line_start_ = true;
};

}  // namespace daytona::local::toolbox
