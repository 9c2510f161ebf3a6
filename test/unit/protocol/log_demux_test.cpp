#include "protocol/log_demux.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using namespace daytona;
using protocol::log_demux;
using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

constexpr auto out = "\1\1\1"sv, err = "\2\2\2"sv;

struct parts {
  std::string stdout_, stderr_;
  bool operator==(const parts&) const = default;
};

std::string joined(std::initializer_list<std::string_view> pieces) {
  std::string text;
  for (const auto piece : pieces) text += piece;
  return text;
}

/// Feeds frames one after the other, as a stream does.
parts demuxed(const std::vector<std::string_view>& frames) {
  log_demux demux;
  parts all;
  std::string piece;
  const auto keep = [&](std::optional<log_source> source) {
    CHECK(source.has_value() == !piece.empty());
    if (source) (*source == log_source::stdout_ ? all.stdout_ : all.stderr_) += piece;
    piece.clear();
  };
  for (auto frame : frames)
    while (!frame.empty()) keep(demux.next(frame, piece));
  keep(demux.finish(piece));
  return all;
}

std::vector<std::string_view> cut(std::string_view log, std::size_t size) {
  std::vector<std::string_view> frames;
  for (; !log.empty(); log.remove_prefix(std::min(size, log.size()))) frames.push_back(log.substr(0, size));
  return frames;
}

struct sample {
  std::string log;
  parts expected;
};

const std::vector<sample>& samples() {
  static const std::vector<sample> all{
      {joined({out, "hi\n"}), {"hi\n", ""}},
      {joined({out, "out", err, "ERR\n"}), {"out", "ERR\n"}},
      {joined({err, "e\n", out, "a\n", out, "b\n", err, "f\n"}), {"a\nb\n", "e\nf\n"}},
      {joined({out, out, err, err, out, "x"}), {"x", ""}},
      {joined({"before", out, "a"}), {"beforea", ""}},
      {joined({out, "a\1b\1\1c\2d\2\2e"}), {"a\1b\1\1c\2d\2\2e", ""}},
      {joined({out, "\1", err, "\2"}), {"\1", "\2"}},            // 1×4 then 2×4: a marker is the earliest three
      {joined({err, "\1\1\2\2", out, "z"}), {"z", "\1\1\2\2"}},  // broken runs are payload
      {joined({out, "a\1\1"}), {"a\1\1", ""}},                   // an end that only looks like a marker
      {joined({out, "a\2"}), {"a\2", ""}},
      {"\1\1\1a\0b\n\2\2\2\xFF\xFE\r\n"s, {"a\0b\n"s, "\xFF\xFE\r\n"}},
      {"", {"", ""}},
  };
  return all;
}

}  // namespace

TEST_CASE("S1: every cut of every log into frames gives the streams of the whole") {
  for (const auto& [log, expected] : samples()) {
    CAPTURE(log);
    CHECK(demuxed({log}) == expected);
    for (std::size_t size = 1; size <= log.size(); ++size) CHECK(demuxed(cut(log, size)) == expected);
    for (std::size_t first = 0; first <= log.size(); ++first)
      for (std::size_t second = first; second <= log.size(); ++second) {
        const std::string_view whole{log};
        REQUIRE(demuxed({whole.substr(0, first), whole.substr(first, second - first), whole.substr(second)}) ==
                expected);
      }
  }
}

TEST_CASE("S1: a thousand lines in the daemon's frames of 1024 bytes lose nothing") {
  std::string log;
  parts expected;
  for (int line = 0; line < 1000; ++line) {
    const auto text = std::string(static_cast<std::size_t>(line * 7 % 131), static_cast<char>('a' + line % 26)) + "\n";
    const bool is_error = line % 3 == 0;
    log.append(is_error ? err : out).append(text);
    (is_error ? expected.stderr_ : expected.stdout_) += text;
  }

  CHECK(demuxed(cut(log, 1024)) == expected);
  CHECK(demuxed({log}) == expected);
}

TEST_CASE("S10: each byte is given out at once, but those that may begin a marker") {
  log_demux demux;
  std::string piece;
  const auto put = [&](std::string_view bytes) {
    piece.clear();
    demux.next(bytes, piece);
    return piece;
  };

  CHECK(put("\1\1\1").empty());
  CHECK(put("a") == "a");
  CHECK(put("\n") == "\n");
  CHECK(put("\1").empty());
  CHECK(put("b") == "\1b");
  CHECK(put("\2\2").empty());
  CHECK(put("\1") == "\2\2");
  CHECK(put("\1x") == "\1\1x");
}

TEST_CASE("S10: bytes before the first marker are standard output, and counted") {
  log_demux demux;
  std::string piece;
  std::string_view bytes = "lost?\2\2\2found";

  CHECK(demux.next(bytes, piece) == log_source::stdout_);
  CHECK(piece == "lost?");
  CHECK(demux.unlabelled() == 5);
  piece.clear();
  CHECK(demux.next(bytes, piece) == log_source::stderr_);
  CHECK(piece == "found");
  CHECK(bytes.empty());
  CHECK(demux.unlabelled() == 5);
}

TEST_CASE("lines of one source come together, and a change of source parts them") {
  const auto log = joined({out, "a\n", out, "b\n", err, "c\n", out, "d\n"});
  log_demux demux;
  std::string_view bytes = log;
  std::vector<std::string> pieces;
  while (!bytes.empty()) {
    std::string piece;
    demux.next(bytes, piece);
    pieces.push_back(piece);
  }

  CHECK(pieces == std::vector<std::string>{"a\nb\n", "c\n", "d\n"});
}

TEST_CASE("demux_log and parse_session_command_logs take a whole log apart") {
  const auto log = joined({out, "a\n", err, "b\n"});

  CHECK(demux_log(log) == std::pair<std::string, std::string>("a\n", "b\n"));
  const auto logs = parse_session_command_logs(log);
  CHECK(logs.output == log);
  CHECK(logs.stdout_ == "a\n");
  CHECK(logs.stderr_ == "b\n");
  CHECK(demux_log("").first.empty());
}
