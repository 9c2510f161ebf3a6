#include "protocol/http_response.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>

using namespace daytona;
using namespace daytona::protocol;

namespace {

constexpr response_limits limits{1024, 1000};

struct reading {
  std::optional<errc> failure;
  bool done = false;
  bool keep_alive = false;
  std::size_t taken = 0;
  http_response response;
};

/// Offers `bytes` in two or more pieces, cut at `cut` and then every `piece` bytes, and what was not taken again with more behind it.
reading read(std::string_view bytes, std::size_t cut, std::size_t piece = 0, bool end = false,
             response_limits bounds = limits) {
  response_reader reader{bounds};
  reading result;
  std::size_t available = std::min(cut, bytes.size());
  for (;;) {
    while (result.taken < available && !reader.is_done() && !result.failure) {
      const auto size = reader.put(bytes.substr(result.taken, available - result.taken), result.failure);
      if (size == 0) break;
      result.taken += size;
    }
    if (available == bytes.size() || reader.is_done() || result.failure) break;
    available = piece == 0 ? bytes.size() : std::min(available + piece, bytes.size());
  }
  if (end && !result.failure && !reader.is_done()) reader.put_end(result.failure);
  result.done = !result.failure && reader.is_done();
  result.keep_alive = result.done && reader.can_keep_alive();
  result.response = std::move(reader.response());
  return result;
}

reading read_whole(std::string_view bytes, bool end = false, response_limits bounds = limits) {
  return read(bytes, bytes.size(), 0, end, bounds);
}

constexpr std::string_view with_length = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: 1\r\nx-a: 2\r\n\r\nhello";
constexpr std::string_view chunked =
    "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\nX-A: 1\r\n\r\n3;ext=1\r\nhel\r\n2\r\nlo\r\n0\r\nX-Late: "
    "1\r\n\r\n";
constexpr std::string_view after_interims =
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    "HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 5\r\n\r\nhello";

}  // namespace

TEST_CASE("an answer is the same however its bytes are cut") {
  for (const auto bytes : {with_length, chunked, after_interims}) {
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
      for (const std::size_t piece : {0u, 1u, 3u}) {
        const auto result = read(bytes, cut, piece);

        REQUIRE(result.done);
        CHECK(result.taken == bytes.size());
        CHECK(result.response.body == "hello");
        CHECK(result.response.fields.find("X-A") == "1");
        CHECK(result.keep_alive);
      }
    }
  }
}

TEST_CASE("an empty chunked answer is the same however its bytes are cut, with trailers and without") {
  constexpr std::string_view head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string_view last : {"0\r\n\r\n", "0\r\nX: y\r\n\r\n", "0;a=b\r\nX: y\r\n\r\n"}) {
    const auto bytes = std::string(head).append(last);
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
      const auto result = read(bytes, cut, 1);

      CHECK(result.done);
      CHECK(result.taken == bytes.size());
      CHECK(result.response.body.empty());
    }
  }
}

TEST_CASE("parameters of a chunk and trailers without end are too large") {
  for (const std::string_view endless : {"5;x=", "0\r\nX: ", "0\r\nX: y\r\n"}) {
    const auto bytes =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(endless) + std::string(5000, 'x');

    CHECK(read(bytes, 0, 100).failure == errc::response_too_large);
  }
}

TEST_CASE("fields of an interim answer and trailers are not the answer's") {
  CHECK_FALSE(read_whole(after_interims).response.fields.find("Link").has_value());
  CHECK_FALSE(read_whole(chunked).response.fields.find("X-Late").has_value());
}

TEST_CASE("an answer that was cut anywhere is a lost connection") {
  for (const auto bytes : {with_length, chunked, after_interims}) {
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const auto result = read_whole(bytes.substr(0, size), true);

      CHECK(result.failure == errc::connection_lost);
    }
  }
}

TEST_CASE("an answer without a length ends with its connection, which is not used again") {
  const auto result = read_whole("HTTP/1.1 200 OK\r\n\r\nall there is", true);

  CHECK(result.done);
  CHECK(result.response.body == "all there is");
  CHECK_FALSE(result.keep_alive);
}

TEST_CASE("what stands behind an answer is not taken") {
  const std::string bytes = std::string(with_length) + "HTTP/1.1 500";

  const auto result = read_whole(bytes);

  CHECK(result.done);
  CHECK(result.taken == with_length.size());
}

TEST_CASE("answers without a body are done with their header") {
  for (const std::string_view bytes :
       {"HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\n\r\n"}) {
    CAPTURE(bytes);
    const auto result = read_whole(bytes);

    CHECK(result.done);
    CHECK(result.response.body.empty());
  }
}

TEST_CASE("Connection: close and HTTP/1.0 are honoured") {
  CHECK_FALSE(read_whole("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").keep_alive);
  CHECK_FALSE(read_whole("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n").keep_alive);
  CHECK(read_whole("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n").keep_alive);
}

TEST_CASE("a header beyond its limit is too large, however its bytes are cut") {
  const std::string long_line = "HTTP/1.1 200 OK\r\nX-A: " + std::string(2000, 'a') + "\r\n\r\n";
  std::string many = "HTTP/1.1 200 OK\r\n";
  for (int n = 0; n < 200; ++n) many += "X-A: 12345\r\n";
  for (const auto& bytes : {long_line, many + "\r\n"})
    for (const std::size_t piece : {0u, 1u, 100u})
      CHECK(read(bytes, piece == 0 ? bytes.size() : piece, piece).failure == errc::response_too_large);
}

TEST_CASE("a body beyond its limit is too large, announced or not; one at its limit is not") {
  const std::string at_limit(1000, 'x');
  const auto of_length = [](const std::string& body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  };

  CHECK(read_whole(of_length(at_limit)).done);
  CHECK(read_whole(of_length(at_limit + "x")).failure == errc::response_too_large);
  CHECK(read_whole("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + at_limit + "x\r\n0\r\n\r\n")
            .failure == errc::response_too_large);
  CHECK(read_whole("HTTP/1.1 200 OK\r\n\r\n" + at_limit + "x", true).failure == errc::response_too_large);
  CHECK(read_whole("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n").failure == errc::response_too_large);
}

TEST_CASE("what is no answer is a violation of the protocol") {
  for (const std::string_view bytes :
       {"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", "HTTP/1.1 200 OK\r\n: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA\x01: x\r\n\r\n", "HTTP/1.1 200 OK\r\nA: x\x01y\r\n\r\n", "\x16\x03\x01\x02\r\n\r\n"}) {
    CAPTURE(bytes);
    CHECK(read_whole(bytes, true).failure == errc::protocol_violation);
  }
}

TEST_CASE("interim answers without end are a violation of the protocol") {
  std::string bytes;
  for (int n = 0; n < 30; ++n) bytes += "HTTP/1.1 102 Processing\r\n\r\n";

  CHECK(read_whole(bytes).failure == errc::protocol_violation);
}
