#include "protocol/web_socket_frames.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace daytona::protocol::web_socket {

namespace {

constexpr unsigned char final_bit = 0x80, reserved_bits = 0x70, opcode_bits = 0x0F;
constexpr unsigned char mask_bit = 0x80, length_bits = 0x7F;
constexpr unsigned char two_byte_length = 126, eight_byte_length = 127;

bool is_control(opcode kind) noexcept { return static_cast<std::uint8_t>(kind) >= 0x8; }

bool is_known(opcode kind) noexcept {
  return kind <= opcode::binary || (kind >= opcode::close && kind <= opcode::pong);
}

std::uint64_t big_endian(std::span<const unsigned char> bytes) noexcept {
  std::uint64_t value = 0;
  for (const auto byte : bytes) value = value << 8 | byte;
  return value;
}

void append_big_endian(std::string& out, std::uint64_t value, int size) {
  for (int shift = (size - 1) * 8; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift & 0xFF));
}

/// What may stand in a close frame: the codes of RFC 6455 and its registry, and those of libraries and applications.
bool may_be_sent(std::uint16_t code) noexcept {
  const bool is_registered = code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
  return is_registered || (code >= 3000 && code <= 4999);
}

bool continues_a_character(char byte) noexcept { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

}  // namespace

std::optional<frame_piece> frame_reader::next(std::span<char>& bytes, std::optional<violation>& failure) {
  if (!in_frame_ && !read_header(bytes, failure)) return std::nullopt;
  return is_control(kind_) ? control_piece(bytes) : data_piece(bytes);
}

bool frame_reader::read_header(std::span<char>& bytes, std::optional<violation>& failure) {
  while (header_size_ < header_length()) {
    const auto size = std::min(bytes.size(), header_length() - header_size_);
    if (size == 0) return false;
    std::memcpy(header_.data() + header_size_, bytes.data(), size);
    header_size_ += size;
    bytes = bytes.subspan(size);
  }
  failure = begin_frame();
  header_size_ = 0;
  return !failure;
}

std::size_t frame_reader::header_length() const noexcept {
  if (header_size_ < 2) return 2;
  const auto length = header_[1] & length_bits;
  const std::size_t more = length == two_byte_length ? 2 : length == eight_byte_length ? 8 : 0;
  return 2 + more + ((header_[1] & mask_bit) != 0 ? mask_.size() : 0);
}

std::optional<violation> frame_reader::begin_frame() {
  kind_ = static_cast<opcode>(header_[0] & opcode_bits);
  final_ = (header_[0] & final_bit) != 0;
  if ((header_[0] & reserved_bits) != 0)
    return violation{close_code::protocol_error, "a frame with a reserved bit, though no extension was agreed on"};
  if (auto wrong = check_opcode()) return wrong;
  const bool is_masked = (header_[1] & mask_bit) != 0;
  if (is_masked != (own_ == role::server))
    return violation{close_code::protocol_error, is_masked ? "a masked frame from a server" : "a frame without a mask"};
  const auto length = payload_length();
  if (!length) return violation{close_code::protocol_error, "a length that is not in its shortest form"};
  if (is_control(kind_) && *length > max_control)
    return violation{close_code::protocol_error, "a control frame of more than 125 bytes"};

  if (!is_control(kind_)) {
    if (kind_ != opcode::continuation) {
      message_ = kind_;
      message_size_ = 0;
    }
    if (*length > max_message_ - message_size_) return violation{close_code::too_big, "a message above the limit"};
    message_size_ += *length;
  }
  if (is_masked) std::copy_n(header_.begin() + static_cast<std::ptrdiff_t>(header_size_ - 4), 4, mask_.begin());
  mask_offset_ = control_size_ = 0;
  remaining_ = *length;
  in_frame_ = true;
  return std::nullopt;
}

std::optional<violation> frame_reader::check_opcode() const noexcept {
  if (!is_known(kind_)) return violation{close_code::protocol_error, "a frame with an unknown opcode"};
  if (is_control(kind_)) {
    if (!final_) return violation{close_code::protocol_error, "a control frame in several parts"};
  } else if ((kind_ == opcode::continuation) != message_.has_value()) {
    return violation{close_code::protocol_error,
                     message_ ? "a message within another one" : "a continuation of no message"};
  }
  return std::nullopt;
}

std::optional<std::uint64_t> frame_reader::payload_length() const noexcept {
  const std::uint64_t length = header_[1] & length_bits;
  if (length < two_byte_length) return length;
  const std::size_t size = length == two_byte_length ? 2 : 8;
  const auto value = big_endian({header_.data() + 2, size});
  const bool is_shortest = size == 2 ? value >= two_byte_length : value > 0xFFFF;
  if (!is_shortest || value >> 63 != 0) return std::nullopt;
  return value;
}

std::optional<frame_piece> frame_reader::control_piece(std::span<char>& bytes) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, bytes.size()));
  std::copy_n(bytes.begin(), size, control_.begin() + static_cast<std::ptrdiff_t>(control_size_));
  bytes = bytes.subspan(size);
  control_size_ += size;
  remaining_ -= size;
  if (remaining_ > 0) return std::nullopt;

  in_frame_ = false;
  const std::span payload{control_.data(), control_size_};
  if (own_ == role::server) apply_mask(payload, mask_);
  return frame_piece{kind_, {payload.data(), payload.size()}, true};
}

std::optional<frame_piece> frame_reader::data_piece(std::span<char>& bytes) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, bytes.size()));
  if (size == 0 && remaining_ > 0) return std::nullopt;
  const auto payload = bytes.first(size);
  bytes = bytes.subspan(size);
  if (own_ == role::server) apply_mask(payload, mask_, mask_offset_);
  mask_offset_ += size;
  remaining_ -= size;
  in_frame_ = remaining_ > 0;
  const bool ends_message = !in_frame_ && final_;
  const auto kind = *message_;
  if (ends_message) message_.reset();
  return frame_piece{kind, {payload.data(), payload.size()}, ends_message};
}

void apply_mask(std::span<char> bytes, const mask_key& key, std::size_t offset) noexcept {
  mask_key turned;
  for (std::size_t i = 0; i < turned.size(); ++i) turned[i] = key[(i + offset) % key.size()];
  std::uint32_t half;
  std::memcpy(&half, turned.data(), sizeof half);
  const std::uint64_t word = std::uint64_t{half} << 32 | half;

  char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= sizeof word; at += sizeof word, left -= sizeof word) {
    std::uint64_t value;
    std::memcpy(&value, at, sizeof value);
    value ^= word;
    std::memcpy(at, &value, sizeof value);
  }
  for (std::size_t i = 0; i < left; ++i) at[i] = static_cast<char>(at[i] ^ static_cast<char>(turned[i % 4]));
}

void append_frame(std::string& out, opcode kind, std::string_view payload, const std::optional<mask_key>& key,
                  bool ends_message) {
  out.push_back(static_cast<char>(static_cast<unsigned char>(kind) | (ends_message ? final_bit : 0)));
  const unsigned char masked = key ? mask_bit : 0;
  if (payload.size() < two_byte_length) {
    out.push_back(static_cast<char>(masked | payload.size()));
  } else if (payload.size() <= 0xFFFF) {
    out.push_back(static_cast<char>(masked | two_byte_length));
    append_big_endian(out, payload.size(), 2);
  } else {
    out.push_back(static_cast<char>(masked | eight_byte_length));
    append_big_endian(out, payload.size(), 8);
  }
  if (key) out.append(reinterpret_cast<const char*>(key->data()), key->size());
  const auto begin = out.size();
  out.append(payload);
  if (key) apply_mask(std::span(out).subspan(begin), *key);
}

std::optional<close_notice> parse_close(std::string_view payload) {
  if (payload.empty()) return close_notice{};
  if (payload.size() == 1) return std::nullopt;
  const auto high = static_cast<unsigned char>(payload[0]), low = static_cast<unsigned char>(payload[1]);
  const auto code = static_cast<std::uint16_t>(high << 8 | low);
  if (!may_be_sent(code)) return std::nullopt;
  return close_notice{code, std::string(payload.substr(2))};
}

std::string close_payload(std::uint16_t code, std::string_view reason) {
  constexpr std::size_t max_reason = 123;
  if (reason.size() > max_reason) {
    auto end = max_reason;
    while (end > 0 && continues_a_character(reason[end])) --end;
    reason = reason.substr(0, end);
  }
  std::string payload;
  append_big_endian(payload, code, 2);
  return payload.append(reason);
}

}  // namespace daytona::protocol::web_socket
