#include "model/json_writer.hpp"

#include <doctest/doctest.h>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

using namespace daytona::model;
using namespace std::string_view_literals;

namespace {

template <class Value>
std::string written(const Value& value) {
  std::string text;
  json_writer(text).value(value);
  return text;
}

double read_back(const std::string& text) {
  double number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

TEST_CASE("objects and arrays nest, with commas where they belong") {
  std::string text;
  json_writer out(text);

  out.begin_object();
  out.member("a", 1);
  out.key("b");
  out.begin_array();
  out.value("x");
  out.null();
  out.begin_object();
  out.end_object();
  out.end_array();
  out.member("c", true);
  out.end_object();

  CHECK(text == R"({"a":1,"b":["x",null,{}],"c":true})");
}

TEST_CASE("a value is appended to what the string holds already") {
  std::string text = "data: ";

  json_writer(text).value("x");

  CHECK(text == R"(data: "x")");
}

TEST_CASE("texts are escaped, whatever is in them") {
  CHECK(written("\"\\\b\f\n\r\t\0\x1F/\x7F"sv) == R"("\"\\\u0008\u000c\n\r\t\u0000\u001f/)"
                                                  "\x7F\"");
  CHECK(written("hé € 😀"sv) == R"("hé € 😀")");
}

TEST_CASE("ill-formed UTF-8 becomes U+FFFD, so that the output is always JSON") {
  CHECK(written("\xFF\xFEok\xC3"sv) == "\"\xEF\xBF\xBD\xEF\xBF\xBDok\xEF\xBF\xBD\"");
}

TEST_CASE("a whole number is never written with a fraction or an exponent") {
  CHECK(written(1.0) == "1");
  CHECK(written(-0.0) == "0");
  CHECK(written(1e15) == "1000000000000000");
  CHECK(written(std::int64_t{15}) == "15");
  CHECK(written(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
}

TEST_CASE("fractions are written so that they are read back exactly") {
  for (const double number : {0.1, 1.5, -2.25, 1e-7, 1.7976931348623157e308, 5e-324, 0.4000000000000001})
    CHECK(read_back(written(number)) == number);
}

TEST_CASE("what is no number in JSON is null") {
  CHECK(written(std::nan("")) == "null");
  CHECK(written(std::numeric_limits<double>::infinity()) == "null");
}
