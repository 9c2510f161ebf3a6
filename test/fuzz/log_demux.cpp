// The log of a session command: however it is cut, its two streams are those of the whole, and no byte but markers is lost.
#include "protocol/log_demux.hpp"

#include <string>
#include <utility>

#include "fuzz.hpp"

namespace {

using daytona::log_source;
using parts = std::pair<std::string, std::string>;

parts demuxed(std::string_view log, std::size_t frame) {
  daytona::protocol::log_demux demux;
  parts all;
  std::string piece;
  const auto keep = [&](std::optional<log_source> source) {
    daytona::fuzz::hold(source.has_value() == !piece.empty());
    if (source) (*source == log_source::stdout_ ? all.first : all.second) += piece;
    piece.clear();
  };
  while (!log.empty()) {
    auto bytes = log.substr(0, frame);
    log.remove_prefix(bytes.size());
    while (!bytes.empty()) keep(demux.next(bytes, piece));
  }
  keep(demux.finish(piece));
  return all;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace daytona::fuzz;
  auto log = text_of(data, size);
  const std::size_t frame = 1 + take_byte(log) % 64;

  const auto whole = daytona::demux_log(log);
  hold(demuxed(log, frame) == whole);
  hold(demuxed(log, 1) == whole);
  hold((log.size() - whole.first.size() - whole.second.size()) % 3 == 0);  // nothing but markers is taken out
  return 0;
}
