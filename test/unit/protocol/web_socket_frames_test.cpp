#include "protocol/web_socket_frames.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace daytona::protocol::web_socket;
using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

constexpr std::size_t no_limit = 1 << 30;
constexpr mask_key key{0x37, 0xFA, 0x21, 0x3D};  // that of RFC 6455, section 5.7

struct message {
  opcode kind;
  std::string payload;
  bool operator==(const message&) const = default;
};

struct frames_read {
  std::vector<message> messages;  // control frames too, in the order of their ends
  std::optional<violation> failure;
  bool is_between = false;
};

/// Reads `bytes` cut at `cuts`, each part from memory of its own.
frames_read read_frames(role own, std::string_view bytes, const std::vector<std::size_t>& cuts = {},
                        std::size_t max_message = no_limit) {
  frame_reader reader{own, max_message};
  frames_read result;
  message open;
  std::size_t begin = 0;
  auto ends = cuts;
  ends.push_back(bytes.size());
  for (const auto end : ends) {
    std::string part{bytes.substr(begin, end - begin)};
    begin = end;
    std::span<char> rest{part};
    while (auto piece = reader.next(rest, result.failure)) {
      if (piece->kind >= opcode::close) {
        result.messages.push_back({piece->kind, std::string(piece->bytes)});
        continue;
      }
      open.kind = piece->kind;
      open.payload += piece->bytes;
      if (piece->ends_message) result.messages.push_back(std::exchange(open, message{}));
    }
    if (result.failure) return result;
    CHECK(rest.empty());
  }
  result.is_between = reader.is_between_messages();
  return result;
}

std::string frame(opcode kind, std::string_view payload, role from, bool ends_message = true) {
  std::string out;
  append_frame(out, kind, payload, from == role::client ? std::optional(key) : std::nullopt, ends_message);
  return out;
}

role other(role own) { return own == role::client ? role::server : role::client; }

std::optional<violation> failure_of(role own, std::string_view bytes, std::size_t max_message = no_limit) {
  return read_frames(own, bytes, {}, max_message).failure;
}

}  // namespace

TEST_CASE("the examples of RFC 6455, section 5.7") {
  const auto hello = [](opcode kind) { return std::vector<message>{{kind, "Hello"}}; };
  CHECK(read_frames(role::client, "\x81\x05Hello").messages == hello(opcode::text));
  CHECK(read_frames(role::server, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58").messages == hello(opcode::text));
  CHECK(read_frames(role::client, "\x01\x03Hel\x80\x02lo"sv).messages == hello(opcode::text));
  CHECK(read_frames(role::client, "\x89\x05Hello").messages == hello(opcode::ping));
  CHECK(read_frames(role::server, "\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58").messages == hello(opcode::pong));

  CHECK(frame(opcode::text, "Hello", role::server) == "\x81\x05Hello");
  CHECK(frame(opcode::text, "Hello", role::client) == "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
  CHECK(frame(opcode::binary, std::string(256, 'x'), role::server).substr(0, 4) == "\x82\x7E\x01\x00"sv);
  CHECK(frame(opcode::binary, std::string(65536, 'x'), role::server).substr(0, 10) ==
        "\x82\x7F\x00\x00\x00\x00\x00\x01\x00\x00"sv);
}

TEST_CASE("every length comes back from both ends, and its shortest form is written") {
  for (const auto own : {role::client, role::server})
    for (const std::size_t size : {0, 1, 7, 8, 9, 125, 126, 127, 65535, 65536, 200000}) {
      std::string payload(size, '\0');
      for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<char>((i * 31 + i / 256) % 256);
      const auto bytes = frame(opcode::binary, payload, other(own));

      const auto result = read_frames(own, bytes, {bytes.size() / 3, bytes.size() / 2});

      CAPTURE(size);
      CHECK_FALSE(result.failure);
      REQUIRE(result.messages.size() == 1);
      CHECK(result.messages[0] == message{opcode::binary, payload});
      CHECK(result.is_between);
    }
}

TEST_CASE("S1: frames may be cut anywhere, a control frame come between the parts of a message") {
  for (const auto own : {role::client, role::server}) {
    const auto from = other(own);
    const auto bytes = frame(opcode::text, "first", from) + frame(opcode::binary, "", from) +
                       frame(opcode::binary, "a", from, false) + frame(opcode::ping, "are you there", from) +
                       frame(opcode::continuation, "", from, false) + frame(opcode::continuation, "\xFF\xC3", from) +
                       frame(opcode::binary, std::string(130, 'm'), from) + frame(opcode::close, "\x03\xE8", from);
    const std::vector<message> expected{{opcode::text, "first"},
                                        {opcode::binary, ""},
                                        {opcode::ping, "are you there"},
                                        {opcode::binary, "a\xFF\xC3"},
                                        {opcode::binary, std::string(130, 'm')},
                                        {opcode::close, "\x03\xE8"}};

    for (std::size_t first = 0; first <= bytes.size(); ++first)
      for (std::size_t second = first; second <= bytes.size(); second += 1 + (second - first) / 4) {
        const auto result = read_frames(own, bytes, {first, second});
        REQUIRE_FALSE(result.failure);
        REQUIRE(result.messages == expected);
      }
    std::vector<std::size_t> each;
    for (std::size_t at = 1; at < bytes.size(); ++at) each.push_back(at);
    CHECK(read_frames(own, bytes, each).messages == expected);
  }
}

TEST_CASE("payload is handed on where it lies, as soon as it is there") {
  frame_reader reader{role::client, no_limit};
  std::optional<violation> failure;
  std::string bytes =
      "\x82\x0A"
      "01234";
  std::span<char> rest{bytes};

  const auto first = reader.next(rest, failure);
  REQUIRE(first);
  CHECK(first->bytes.data() == bytes.data() + 2);
  CHECK(first->bytes == "01234");
  CHECK_FALSE(first->ends_message);
  CHECK_FALSE(reader.next(rest, failure));
  CHECK_FALSE(reader.is_between_messages());

  std::string more = "56789";
  rest = more;
  const auto second = reader.next(rest, failure);
  REQUIRE(second);
  CHECK(second->bytes == "56789");
  CHECK(second->ends_message);
  CHECK(reader.is_between_messages());
}

TEST_CASE("S20: what breaks the framing is refused with 1002, and says what") {
  const auto is_refused = [](role own, std::string_view bytes, std::string_view what) {
    const auto failure = failure_of(own, bytes);
    CAPTURE(what);
    REQUIRE(failure);
    CHECK(failure->close_code == close_code::protocol_error);
    CHECK(failure->what.find(what) != std::string_view::npos);
  };
  is_refused(role::client, "\xC2\x01x", "reserved bit");
  is_refused(role::client, "\xA2\x01x", "reserved bit");
  is_refused(role::client, "\x92\x01x", "reserved bit");
  for (const int kind : {0x3, 0x4, 0x5, 0x6, 0x7, 0xB, 0xC, 0xD, 0xE, 0xF})
    is_refused(role::client, std::string{static_cast<char>(0x80 | kind), 0}, "unknown opcode");
  is_refused(role::client, "\x09\x00"sv, "control frame in several parts");
  is_refused(role::client, "\x89\x7E\x00\x7E"sv, "more than 125 bytes");
  is_refused(role::client, "\x80\x01x", "continuation of no message");
  is_refused(role::client, "\x02\x01x\x82\x01y", "message within another");
  is_refused(role::client, "\x82\x81\x37\xfa\x21\x3dx", "masked frame from a server");
  is_refused(role::server, "\x82\x01x", "without a mask");
  is_refused(role::client, "\x82\x7E\x00\x7D"sv, "shortest form");
  is_refused(role::client, "\x82\x7F\x00\x00\x00\x00\x00\x00\xFF\xFF"sv, "shortest form");
  is_refused(role::client, "\x82\x7F\x80\x00\x00\x00\x00\x00\x00\x00"sv, "shortest form");
}

TEST_CASE("a message above the limit is refused with 1009 before its payload comes, also in parts") {
  CHECK_FALSE(failure_of(role::client, frame(opcode::binary, "12345", role::server), 5));
  const auto whole = failure_of(role::client, "\x82\x06"sv, 5);
  REQUIRE(whole);
  CHECK(whole->close_code == close_code::too_big);

  const auto parts =
      frame(opcode::binary, "123", role::server, false) + frame(opcode::continuation, "456", role::server);
  REQUIRE(failure_of(role::client, parts, 5));
  CHECK(failure_of(role::client, parts, 5)->close_code == close_code::too_big);
  CHECK_FALSE(failure_of(role::client, parts, 6));

  const auto after = frame(opcode::binary, "12345", role::server);
  CHECK_FALSE(failure_of(role::client, after + after, 5));
  CHECK(failure_of(role::client, "\x82\x7F\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"sv, 5)->close_code == close_code::too_big);
}

TEST_CASE("a mask covers every length and offset, and is its own inverse") {
  for (std::size_t size = 0; size < 40; ++size)
    for (std::size_t offset = 0; offset < 5; ++offset) {
      std::string bytes(size, 'x'), expected = bytes;
      for (std::size_t i = 0; i < size; ++i)
        expected[i] = static_cast<char>(expected[i] ^ static_cast<char>(key[(i + offset) % 4]));

      apply_mask(std::span<char>(bytes), key, offset);
      CHECK(bytes == expected);
      apply_mask(std::span<char>(bytes), key, offset);
      CHECK(bytes == std::string(size, 'x'));
    }
}

TEST_CASE("S2: a close frame's code and reason are kept; none is none; what must not be sent is refused") {
  CHECK_FALSE(parse_close("")->code);
  const auto notice = parse_close("\x03\xF3{\"exitCode\":3}");
  REQUIRE(notice);
  CHECK(notice->code == 1011);
  CHECK(notice->reason == "{\"exitCode\":3}");
  CHECK_FALSE(parse_close("\x03"));

  for (const int code : {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1014, 3000, 4008, 4999})
    CHECK(parse_close(close_payload(static_cast<std::uint16_t>(code), "why"))->code == code);
  for (const int code : {0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65535})
    CHECK_FALSE(parse_close(close_payload(static_cast<std::uint16_t>(code), "why")));
}

TEST_CASE("a reason that is too long for a close frame is cut between two characters") {
  CHECK(close_payload(1000, std::string(123, 'x')).size() == 125);
  CHECK(close_payload(1000, std::string(124, 'x')).size() == 125);
  const auto cut = close_payload(1000, std::string(122, 'x') + "é");
  CHECK(cut == "\x03\xE8" + std::string(122, 'x'));
}
