#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace daytona::protocol::web_socket {

enum class opcode : std::uint8_t { continuation = 0x0, text = 0x1, binary = 0x2, close = 0x8, ping = 0x9, pong = 0xA };

/// Which end of a connection. A client masks what it sends, a server doesn't (RFC 6455, section 5.1).
enum class role { client, server };

/// Close codes that this project sends (RFC 6455, section 7.4.1, but for the last).
namespace close_code {
inline constexpr std::uint16_t normal = 1000, going_away = 1001, protocol_error = 1002, policy_violation = 1008,
                               too_big = 1009, internal_error = 1011, interrupted = 4008;
}

/// What a peer did that ends the connection: the close code that it is to be told, and what for.
struct violation {
  std::uint16_t close_code;
  std::string_view what;
};

/// A part of a message, or a whole control frame.
struct frame_piece {
  opcode kind;  ///< Of the message, also for its continuation frames: `text`, `binary`, or a control frame's.
  std::string_view
      bytes;  ///< In the memory that was given to `frame_reader::next`, or the reader's own for a control frame.
  bool ends_message;
};

/// Reads frames from bytes, however they are cut, as RFC 6455 demands them. Payload is handed on as it comes, in the place where it came, so that a
/// message of any size takes no memory. Text is not validated: the toolbox sends output that is not UTF-8 in text frames.
class frame_reader {
 public:
  /// `own` is the end that reads. A message may have `max_message` bytes.
  frame_reader(role own, std::size_t max_message) : own_(own), max_message_(max_message) {}

  /// The next piece in `bytes`, whose front it takes; nothing if more is needed, or if there is a `failure`, after which nothing is to be read.
  std::optional<frame_piece> next(std::span<char>& bytes, std::optional<violation>& failure);
  /// Whether the bytes so far end between two messages.
  bool is_between_messages() const noexcept { return header_size_ == 0 && !in_frame_ && !message_; }

 private:
  bool read_header(std::span<char>& bytes, std::optional<violation>& failure);
  std::size_t header_length() const noexcept;
  std::optional<violation> begin_frame();
  std::optional<violation> check_opcode() const noexcept;
  std::optional<std::uint64_t> payload_length() const noexcept;
  std::optional<frame_piece> control_piece(std::span<char>& bytes);
  std::optional<frame_piece> data_piece(std::span<char>& bytes);

  static constexpr std::size_t max_header = 14, max_control = 125;

  role own_;
  std::size_t max_message_;
  std::array<unsigned char, max_header> header_{};
  std::size_t header_size_ = 0;

  bool in_frame_ = false;
  opcode kind_ = opcode::binary;  // of the frame
  bool final_ = false;
  std::uint64_t remaining_ = 0;
  std::array<unsigned char, 4> mask_{};
  std::size_t mask_offset_ = 0;

  std::optional<opcode> message_;  // of which a part came
  std::uint64_t message_size_ = 0;
  std::array<char, max_control> control_{};
  std::size_t control_size_ = 0;
};

using mask_key = std::array<unsigned char, 4>;

/// XORs `bytes` with `key`; their first byte is at `offset` of the payload.
void apply_mask(std::span<char> bytes, const mask_key& key, std::size_t offset = 0) noexcept;

/// Appends a frame to `out`, masked with `key` if it is given.
void append_frame(std::string& out, opcode kind, std::string_view payload, const std::optional<mask_key>& key,
                  bool ends_message = true);

/// What a close frame says. Without a code it was empty.
struct close_notice {
  std::optional<std::uint16_t> code;
  std::string reason;
};

/// Nothing if it is malformed: one byte, or a code that must not be sent.
std::optional<close_notice> parse_close(std::string_view payload);
/// The payload of a close frame; a reason that is too long for one is cut between two characters.
std::string close_payload(std::uint16_t code, std::string_view reason);

}  // namespace daytona::protocol::web_socket
