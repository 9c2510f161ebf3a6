// WebSocket frames: what a peer may send, however it is cut, and that what is written is what is read.
#include <string>
#include <utility>
#include <vector>

#include "fuzz.hpp"
#include "protocol/web_socket_frames.hpp"

namespace {

namespace ws = daytona::protocol::web_socket;

constexpr std::size_t max_message = 4096;

struct reading {
  std::vector<std::pair<ws::opcode, std::string>> messages;
  std::optional<std::uint16_t> failure;
  bool operator==(const reading&) const = default;
};

reading read(ws::role own, std::string_view input, std::size_t size) {
  ws::frame_reader reader{own, max_message};
  reading result;
  std::string open;
  while (!input.empty()) {
    std::string part{input.substr(0, size)};
    input.remove_prefix(part.size());
    std::span<char> rest{part};
    std::optional<ws::violation> failure;
    while (const auto piece = reader.next(rest, failure)) {
      const bool is_control = piece->kind >= ws::opcode::close;
      daytona::fuzz::hold(!is_control || (piece->ends_message && piece->bytes.size() <= 125));
      if (piece->kind == ws::opcode::close) ws::parse_close(piece->bytes);
      if (is_control) {
        result.messages.emplace_back(piece->kind, piece->bytes);
        continue;
      }
      open += piece->bytes;
      daytona::fuzz::hold(open.size() <= max_message);
      if (piece->ends_message) result.messages.emplace_back(piece->kind, std::exchange(open, {}));
    }
    if (failure) {
      result.failure = failure->close_code;
      return result;
    }
    daytona::fuzz::hold(rest.empty());
  }
  return result;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace daytona::fuzz;
  auto input = text_of(data, size);
  const auto own = take_byte(input) % 2 == 0 ? ws::role::client : ws::role::server;
  const std::size_t piece = 1 + take_byte(input) % 64;
  const auto whole = read(own, input, input.size());
  hold(read(own, input, piece) == whole);

  if (input.size() > max_message) return 0;
  std::string written;
  std::optional<ws::mask_key> key;
  if (own == ws::role::server) key = ws::mask_key{1, 0x80, 0xFF, 0};
  ws::append_frame(written, ws::opcode::binary, input, key);
  const auto back = read(own, written, piece);
  hold(!back.failure && back.messages.size() == 1 && back.messages[0].second == input);
  return 0;
}
