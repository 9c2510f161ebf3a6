#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "local/toolbox/session/log_file.hpp"
#include "protocol/log_demux.hpp"

namespace daytona::local::toolbox {

/// A log's file, open to be read.
using opened_log = std::shared_ptr<const unique_fd>;

/// How many bytes of a log go into one message, where `bytes` are what lies there next, and `is_all` whether nothing follows by now. No message ends
/// within a marker or behind one: some clients take that marker for output.
std::size_t message_length(std::string_view bytes, bool is_all);

/// Reads a log from its beginning, piece by piece, also while it grows.
class log_reader {
 public:
  explicit log_reader(opened_log file) : file_{std::move(file)} {}

  /// What lies before `end`, fit for a message; nothing at `end`. Throws `std::system_error` if the file lost what was in it. The view lives until the
  /// next call.
  std::string_view next(std::uint64_t end);

 private:
  opened_log file_;
  std::uint64_t position_ = 0;
  std::string buffer_;
};

/// What of a log is wanted.
enum class log_part { marked, unmarked, stdout_, stderr_ };

/// Reads one part of a log up to an end that is known.
class log_part_reader {
 public:
  log_part_reader(opened_log file, std::uint64_t end, log_part part)
      : reader_{std::move(file)}, end_{end}, part_{part} {}

  /// The next bytes; nothing at the end.
  std::string next();
  /// The same for a log that has grown.
  std::string next_before(std::uint64_t end);
  /// At the end: bytes held back because they might have begun a marker.
  std::string rest();

 private:
  void keep(std::optional<log_source> source, const std::string& bytes, std::string& out) const;

  log_reader reader_;
  std::uint64_t end_;
  log_part part_;
  protocol::log_demux demux_;
};

}  // namespace daytona::local::toolbox
