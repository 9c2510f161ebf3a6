#include "local/toolbox/session/log_reader.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace daytona::local::toolbox {

namespace {

constexpr std::size_t longest_message = 32 * 1024;

bool may_be_of_a_marker(char byte) { return byte == '\x01' || byte == '\x02'; }

}  // namespace

std::size_t message_length(std::string_view bytes, bool is_all) {
  if (is_all) return bytes.size();
  const auto line_end = bytes.rfind('\n');
  if (line_end != std::string_view::npos) return line_end + 1;
  auto end = bytes.size();
  while (end > 0 && may_be_of_a_marker(bytes[end - 1])) --end;
  return end == 0 ? bytes.size() : end;
}

std::string_view log_reader::next(std::uint64_t end) {
  if (position_ >= end) {
    buffer_ = {};  // who waits holds no memory
    return {};
  }
  buffer_.resize(longest_message);
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(longest_message, end - position_));
  const auto size = ::pread(file_->get(), buffer_.data(), wanted, static_cast<off_t>(position_));
  if (size <= 0) throw std::system_error{size < 0 ? errno : ENODATA, std::generic_category(), "read the log"};
  const std::string_view bytes{buffer_.data(), static_cast<std::size_t>(size)};
  const auto length = message_length(bytes, position_ + bytes.size() == end);
  position_ += length;
  return bytes.substr(0, length);
}

std::string log_part_reader::next() { return next_before(end_); }

std::string log_part_reader::next_before(std::uint64_t end) {
  std::string kept;
  while (kept.empty()) {
    auto bytes = reader_.next(end);
    if (bytes.empty()) break;
    if (part_ == log_part::marked) return std::string{bytes};
    std::string piece;
    while (!bytes.empty()) {
      piece.clear();
      const auto source = demux_.next(bytes, piece);
      keep(source, piece, kept);
    }
  }
  return kept;
}

std::string log_part_reader::rest() {
  std::string piece;
  std::string kept;
  const auto source = demux_.finish(piece);
  keep(source, piece, kept);
  return kept;
}

void log_part_reader::keep(std::optional<log_source> source, const std::string& bytes, std::string& out) const {
  if (!source) return;
  const bool is_wanted =
      part_ == log_part::unmarked || (part_ == log_part::stdout_) == (*source == log_source::stdout_);
  if (is_wanted) out += bytes;
}

}  // namespace daytona::local::toolbox
