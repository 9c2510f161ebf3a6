#include <daytona/text_decoder.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "model/utf8.hpp"

using daytona::text_decoder;
using namespace std::string_view_literals;

namespace {

// Every kind of sequence: one to four bytes, stray, truncated, overlong, surrogates, too large, NUL.
constexpr auto sample =
    "a\0é€😀\xFF\x80z\xC3(\xE2\x82!\xF0\x9F\x98?\xC0\x80\xE0\x9F\xBF\xED\xA0\x80\xF4\x90\x80\x80\xF5\xC3"sv;

}  // namespace

TEST_CASE("S9: text is that of the whole, wherever the bytes are cut") {
  const auto whole = daytona::model::replace_invalid_utf8(sample);

  for (std::size_t first = 0; first <= sample.size(); ++first)
    for (std::size_t second = first; second <= sample.size(); ++second) {
      text_decoder decoder;
      auto text = decoder.put(sample.substr(0, first));
      text += decoder.put(sample.substr(first, second - first));
      text += decoder.put(sample.substr(second));
      text += decoder.finish();

      CAPTURE(first);
      CAPTURE(second);
      REQUIRE(text == whole);
    }
}

TEST_CASE("S9: a character comes with its last byte, and what is none is not waited for") {
  text_decoder decoder;

  CHECK(decoder.put("\xF0").empty());
  CHECK(decoder.put("\x9F\x98").empty());
  CHECK(decoder.put("\x80") == "😀");
  CHECK(decoder.put("\xE2\x82") == "");
  CHECK(decoder.put("x") == "\xEF\xBF\xBDx");
  CHECK(decoder.put("\xFF") == "\xEF\xBF\xBD");
}

TEST_CASE("S9: a character that was cut off is told at the end, once") {
  text_decoder decoder;

  CHECK(decoder.put("ab\xE2\x82") == "ab");
  CHECK(decoder.finish() == "\xEF\xBF\xBD");
  CHECK(decoder.finish().empty());
  CHECK(decoder.put("\xAC") == "\xEF\xBF\xBD");
}
