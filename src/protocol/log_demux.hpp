#pragma once

#include <daytona/session_logs.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace daytona::protocol {

/// Takes the log of a session command apart: `01 01 01` and `02 02 02` say whose bytes follow (toolbox.md 6.4, 6.8). It may be cut anywhere.
///
/// Nothing is held back but one or two bytes that may begin a marker. A marker inside a command's own output can't be told apart.
class log_demux {
 public:
  /// Takes from the front of `bytes` as long as they are of one source, appends them to `out` without their markers, and says whose they are; nothing if
  /// there were none. To be called until `bytes` is empty.
  std::optional<log_source> next(std::string_view& bytes, std::string& out);
  /// The log has ended: what was held back was no marker.
  std::optional<log_source> finish(std::string& out);

  /// Bytes before the first marker, which count as stdout.
  std::uint64_t unlabelled() const noexcept { return unlabelled_; }

 private:
  void emit(std::string_view bytes, std::string& out);
  void emit_run(std::string& out);

  std::optional<log_source> source_;
  std::uint64_t unlabelled_ = 0;
  char run_byte_ = 0;  // of what may become a marker
  std::size_t run_ = 0;
};

}  // namespace daytona::protocol
