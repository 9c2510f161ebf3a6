#include "local/toolbox/session/log_labeller.hpp"

#include <algorithm>

namespace daytona::local::toolbox {

namespace {

constexpr std::string_view stdout_marker = "\x01\x01\x01";
constexpr std::string_view stderr_marker = "\x02\x02\x02";

}  // namespace

void log_labeller::append(log_source source, std::string_view bytes, std::string& out) {
  while (!bytes.empty()) {
    if (at_line_start_ || source_ != source) out += source == log_source::stdout_ ? stdout_marker : stderr_marker;
    const auto line_break = bytes.find('\n');
    const auto size = line_break == std::string_view::npos ? bytes.size() : line_break + 1;
    out += bytes.substr(0, size);
    bytes.remove_prefix(size);
    source_ = source;
    at_line_start_ = line_break != std::string_view::npos;
  }
}

}  // namespace daytona::local::toolbox
