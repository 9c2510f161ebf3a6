#include "model/json.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/fields.hpp"
#include "model/json_value.hpp"

namespace daytona::model {
namespace {

struct part {
  std::string name;
  std::optional<std::int64_t> size;
};
constexpr field_table part_fields({required<&part::name>("name"), member<&part::size>("size")});
void read(const json_node& node, part& out) { read_fields(node, out, part_fields); }
void write(json_writer& out, const part& value) { write_fields<part>(out, value, part_fields); }

struct whole {
  std::string id;
  bool flag = false;
  double weight = 0;
  std::optional<std::chrono::minutes> interval;
  std::map<std::string, std::string> labels;
  std::vector<part> parts;
};
constexpr field_table whole_fields({
    required<&whole::id>("id"),
    member<&whole::flag>("flag"),
    member<&whole::weight>("weight"),
    member<&whole::interval>("interval"),
    member<&whole::labels>("labels"),
    member<&whole::parts>("parts"),
});
void read(const json_node& node, whole& out) { read_fields(node, out, whole_fields); }

// As long as each other, and they begin and end alike: the table of names puts them into one place.
struct twins {
  std::int64_t first = 0, second = 0, third = 0;
};
constexpr field_table twin_fields({
    member<&twins::first>("axb"),
    member<&twins::second>("ayb"),
    required<&twins::third>("azb"),
});
void read(const json_node& node, twins& out) { read_fields(node, out, twin_fields); }

std::string failure_of(std::string_view text) {
  const auto decoded = from_json<whole>(text);
  return decoded ? "none" : decoded.error().what;
}

}  // namespace
}  // namespace daytona::model

using namespace daytona::model;

TEST_CASE("a struct is read by its description, in any order of members") {
  const auto decoded = from_json<whole>(
      R"({"parts":[{"name":"p","size":3},{"size":4,"name":"q"}],"weight":1.5,"labels":{"a":"b"},"id":"x","flag":true})");

  REQUIRE(decoded.has_value());
  CHECK(decoded->id == "x");
  CHECK(decoded->flag);
  CHECK(decoded->weight == 1.5);
  CHECK(decoded->labels.at("a") == "b");
  REQUIRE(decoded->parts.size() == 2);
  CHECK(decoded->parts[1].name == "q");
  CHECK(decoded->parts[1].size == 4);
}

TEST_CASE("members with like names are told apart, from each other and from names that no member has") {
  const auto decoded = from_json<twins>(R"({"azb":3,"":7,"a_b":8,"ayb":2,"b":9,"axb":1})");

  REQUIRE(decoded.has_value());
  CHECK(decoded->first == 1);
  CHECK(decoded->second == 2);
  CHECK(decoded->third == 3);
  CHECK(from_json<twins>(R"({"axb":1,"ayb":2,"a_b":3})").error().what == "azb: missing");
}

TEST_CASE("F13: unknown members, missing optional ones and nulls are read past") {
  const auto decoded = from_json<whole>(
      R"({"id":"x","new":{"deep":[1,{"id":7}]},"parts":null,"labels":null,"flag":null,"interval":null})");

  REQUIRE(decoded.has_value());
  CHECK(decoded->parts.empty());
  CHECK_FALSE(decoded->interval.has_value());
}

TEST_CASE("a wrong type is a failure that names the member's path and what was found") {
  CHECK(failure_of(R"({"id":7})") == "id: expected a string, found a number");
  CHECK(failure_of(R"({"id":null})") == "id: expected a string, found null");
  CHECK(failure_of(R"({"id":"x","flag":"true"})") == "flag: expected a boolean, found a string");
  CHECK(failure_of(R"({"id":"x","labels":[]})") == "labels: expected an object, found an array");
  CHECK(failure_of(R"({"id":"x","labels":{"k":1}})") == "labels.k: expected a string, found a number");
  CHECK(failure_of(R"({"id":"x","parts":[{"name":"p"},{"name":true}]})") ==
        "parts[1].name: expected a string, found a boolean");
  CHECK(failure_of(R"({"id":"x","parts":[{"name":"p","size":1.5}]})") ==
        "parts[0].size: expected an integer, found a number");
  CHECK(failure_of("[]") == "expected an object, found an array");
}

TEST_CASE("a required member that is missing is named with its path") {
  CHECK(failure_of("{}") == "id: missing");
  CHECK(failure_of(R"({"id":"x","parts":[{}]})") == "parts[0].name: missing");
}

TEST_CASE("what is not JSON is a failure: empty, cut off, with something behind it") {
  for (const std::string text : {"", " ", "{", R"({"id":"x")", R"({"id":"x"} x)", "<html>", "{'id':'x'}", "nul"}) {
    CAPTURE(text);
    CHECK(failure_of(text).starts_with("not JSON: "));
  }
}

TEST_CASE("depth is limited, so that no answer can exhaust the stack") {
  std::string deep = R"({"id":"x","other":)";
  deep.append(10000, '[').append(10000, ']').append("}");

  CHECK(failure_of(deep).starts_with("not JSON: "));
}

TEST_CASE("the number of values is limited, so that no answer can exhaust the memory") {
  const auto of_zeros = [](std::size_t count) {
    std::string text = R"({"id":"x","other":[0)";
    for (std::size_t i = 1; i < count; ++i) text.append(",0");
    return failure_of(text.append("]}"));
  };
  constexpr std::size_t others = 3;  // the document, "id" and "other"

  CHECK(of_zeros(json_document::max_values - others) == "none");
  CHECK(of_zeros(json_document::max_values - others + 1) == "more values than an answer has");
}

TEST_CASE("integers may be written as 1.0, doubles as 1") {
  const auto decoded = from_json<whole>(R"({"id":"x","weight":2,"parts":[{"name":"p","size":3.0}]})");

  REQUIRE(decoded.has_value());
  CHECK(decoded->weight == 2.0);
  CHECK(decoded->parts[0].size == 3);
}

TEST_CASE("an interval with a fraction is rounded away from zero: a half is neither off nor at once") {
  const auto interval = [](const char* number) {
    return from_json<whole>(std::string(R"({"id":"x","interval":)") + number + "}")->interval->count();
  };

  CHECK(interval("15") == 15);
  CHECK(interval("0.5") == 1);
  CHECK(interval("-0.5") == -1);
  CHECK(interval("0") == 0);
  CHECK(failure_of(R"({"id":"x","interval":1e300})") == "interval: expected a number of minutes, found a number");
}

TEST_CASE("large documents are read as small ones are") {
  std::string text = R"({"id":"x","parts":[)";
  for (int i = 0; i < 5000; ++i) text += (i == 0 ? "" : ",") + (R"({"name":"part )" + std::to_string(i) + R"("})");
  text += "]}";

  const auto decoded = from_json<whole>(text);

  REQUIRE(decoded.has_value());
  CHECK(decoded->parts.size() == 5000);
  CHECK(decoded->parts.back().name == "part 4999");
}

TEST_CASE("ill-formed UTF-8 in a text is kept, byte for byte") {
  const auto decoded = from_json<whole>("{\"id\":\"a\xFF\"}");

  REQUIRE(decoded.has_value());
  CHECK(decoded->id == "a\xFF");
}

TEST_CASE("absent members are not written") {
  part value;
  value.name = "p";

  CHECK(to_json(value) == R"({"name":"p"})");
}

TEST_CASE("names of every length are the same only if each byte is") {
  const std::string alphabet = "abcdefghijklmnopqrstuvwxyz";
  for (std::size_t size = 0; size <= alphabet.size(); ++size) {
    CAPTURE(size);
    const auto name = alphabet.substr(0, size);
    CHECK(daytona::model::is_same_name(name, std::string(name)));
    CHECK_FALSE(daytona::model::is_same_name(name, name + "z"));
    for (std::size_t i = 0; i < size; ++i) {
      auto other = name;
      other[i] = 'X';
      CHECK_FALSE(daytona::model::is_same_name(name, other));
    }
  }
}
