#include "model/utf8.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace daytona::model;
using namespace std::string_view_literals;

TEST_CASE("well-formed UTF-8 of every length is accepted") {
  for (const std::string_view text : {""sv, "ascii"sv, "\0"sv, "é"sv, "€"sv, "😀"sv, "\xED\x9F\xBF"sv, "\xEE\x80\x80"sv,
                                      "\xF4\x8F\xBF\xBF"sv, "\xC2\x80"sv, "\xE0\xA0\x80"sv, "\xF0\x90\x80\x80"sv}) {
    CAPTURE(text);
    CHECK(is_utf8(text));
    CHECK(replace_invalid_utf8(text) == text);
  }
}

TEST_CASE("truncated, overlong, surrogate and too large sequences are refused") {
  for (const std::string_view text :
       {"\x80"sv, "\xC3"sv, "a\xC3"sv, "\xC0\x80"sv, "\xC1\xBF"sv, "\xE0\x9F\xBF"sv, "\xE2\x82"sv, "\xED\xA0\x80"sv,
        "\xF0\x8F\xBF\xBF"sv, "\xF4\x90\x80\x80"sv, "\xF5\x80\x80\x80"sv, "\xFF"sv, "\xC3("sv, "\xF0\x9F\x98"sv}) {
    CAPTURE(text);
    CHECK_FALSE(is_utf8(text));
    CHECK(is_utf8(replace_invalid_utf8(text)));
  }
}

TEST_CASE("one replacement character stands for each maximal ill-formed part") {
  CHECK(replace_invalid_utf8("\xFF\xFEok\xC3") == "\xEF\xBF\xBD\xEF\xBF\xBDok\xEF\xBF\xBD");
  CHECK(replace_invalid_utf8("\xF0\x9F\x98!") == "\xEF\xBF\xBD!");
  CHECK(replace_invalid_utf8("\xE0\x80\x80") == "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}
