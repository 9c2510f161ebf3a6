#include "model/base64.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace daytona::model;

TEST_CASE("base64 of every length goes there and back") {
  std::string bytes;
  for (int length = 0; length < 300; ++length) {
    const auto back = decode_base64(encode_base64(bytes));

    REQUIRE(back.has_value());
    CHECK(*back == bytes);
    bytes.push_back(static_cast<char>(length * 7));
  }
}

TEST_CASE("base64 is the one of RFC 4648, padded") {
  CHECK(encode_base64("") == "");
  CHECK(encode_base64("f") == "Zg==");
  CHECK(encode_base64("fo") == "Zm8=");
  CHECK(encode_base64("foo") == "Zm9v");
  CHECK(encode_base64("\xFF\xFE\xFD") == "//79");
}

TEST_CASE("base64 without its padding is read all the same") {
  CHECK(decode_base64("Zg") == "f");
  CHECK(decode_base64("Zm8") == "fo");
}

TEST_CASE("what is not base64 is refused") {
  for (const std::string text : {"Z", "Zm9vZ", "Zm9-", "Zm 9v", "<omitted>", "Zg==Zg==", "===="}) {
    CAPTURE(text);
    CHECK_FALSE(decode_base64(text).has_value());
  }
}
