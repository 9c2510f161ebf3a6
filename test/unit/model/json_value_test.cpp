#include "model/json_value.hpp"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "model/json.hpp"

using namespace daytona::model;

namespace {

/// `text` read and written again.
std::string again(std::string_view text) {
  const json_document document(text);
  REQUIRE_FALSE(document.failure().has_value());
  return to_json(document.root());
}

std::string only_text(const std::string& quoted) {
  const json_document document(quoted);
  REQUIRE_FALSE(document.failure().has_value());
  return std::string(document.root().text().value());
}

TEST_CASE("the memory of a document serves the next one of the thread, and no two at once") {
  std::string text = "[0";
  for (int i = 0; i < 1000; ++i) text += ",\"a text of the usual length\"";
  text += ']';
  std::optional<json_document> first{text};
  const auto* const place = &first->root();
  const json_document other{text};
  CHECK(&other.root() != place);

  first.reset();
  const json_document next{text};

  CHECK(&next.root() == place);
}

}  // namespace

TEST_CASE("a document is walked in the order of its text") {
  const std::string text = R"({"a":[1,{"b":[]},"x"],"c":null,"d":{}})";
  const json_document document(text);
  std::vector<std::string> names;
  for (const auto& member : document.root().members()) names.emplace_back(member.name());

  CHECK(names == std::vector<std::string>{"a", "c", "d"});
  const auto& a = *document.root().member("a");
  CHECK(a.elements().size() == 3);
  std::vector<std::string_view> kinds;
  for (const auto& element : a.elements()) kinds.push_back(element.kind_name());
  CHECK(kinds == std::vector<std::string_view>{"a number", "an object", "a string"});
  CHECK(document.root().member("d")->members().size() == 0);
  CHECK(document.root().member("e") == nullptr);
}

TEST_CASE("what is read is what Boost.JSON reads, spaces and escapes included") {
  for (const std::string text :
       {R"({})", R"([])", R"([[[]],[{}]])", R"( {"a" : [ true , false , null ] } )", R"("\u00e4\ud83d\ude00\n\"\\\/")",
        R"({"\u0061\tb":"\u0000","c":"plain","d":"half \n and half"})",
        R"([0,-1,1.5,-25e-1,1e300,9223372036854775807])", R"([18446744073709551615,-9223372036854775808])",
        R"({"x":{"y":{"z":[{"deep":"value"},"after"]}},"last":1})"}) {
    CAPTURE(text);

    CHECK(boost::json::parse(again(text)) == boost::json::parse(text));
  }
}

TEST_CASE("a text with escapes is put together, however long and many") {
  const std::string half(700, 'x');
  CHECK(only_text("\"" + half + "\\n" + half + "\"") == half + "\n" + half);
  CHECK(only_text(R"("\n")") == "\n");
  CHECK(only_text(R"("")").empty());

  std::string many = "[";
  for (int i = 0; i < 500; ++i) many.append(i == 0 ? "" : ",").append(R"("\t)").append(std::to_string(i)).append("\"");
  const json_document document(many += "]");
  REQUIRE_FALSE(document.failure().has_value());
  int number = 0;
  for (const auto& element : document.root().elements()) CHECK(element.text() == "\t" + std::to_string(number++));
}

TEST_CASE("of a member that is given twice the last counts, as everywhere") {
  const std::string text = R"({"a":1,"a":2,"list":["x"],"list":["y"],"map":{"k":"v"},"map":{"l":"w"}})";
  const json_document document(text);
  std::optional<decode_failure> failure;
  std::vector<std::string> list;
  std::map<std::string, std::string> map;
  for (const auto& member : document.root().members()) {
    const json_node node(member, failure);
    if (member.name() == "list") read(node, list);
    if (member.name() == "map") read(node, map);
  }

  CHECK(document.root().member("a")->integer() == 2);
  CHECK(list == std::vector<std::string>{"y"});
  CHECK(map == std::map<std::string, std::string>{{"l", "w"}});
}

TEST_CASE("an integer is one whatever its notation, and only if it fits") {
  const json_document document("[1e3, 1.5, 9223372036854775807, 9223372036854775808, 1e19, -9.3e18, -1.0]");
  std::vector<std::optional<std::int64_t>> numbers;
  for (const auto& element : document.root().elements()) numbers.push_back(element.integer());

  const std::vector<std::optional<std::int64_t>> expected{1000, {}, std::numeric_limits<std::int64_t>::max(), {}, {},
                                                          {},   -1};
  CHECK(numbers == expected);
}

TEST_CASE("a fraction is the number that is nearest to its text, and reads back as it was written") {
  const json_document document("[13.387664401253275, 79.020553091922537, -93.03381542885225, 0.1, 5e-324, 1.5e3]");
  std::vector<double> numbers;
  for (const auto& element : document.root().elements()) numbers.push_back(element.number().value());

  CHECK(numbers == std::vector<double>{13.387664401253275, 79.020553091922537, -93.03381542885225, 0.1, 5e-324, 1500});
  const auto written = to_json(document.root());
  CHECK(again(written) == written);
}

TEST_CASE("depth ends where it is said, not before") {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };

  CHECK_FALSE(json_document(nested(32)).failure().has_value());
  CHECK(json_document(nested(33)).failure().has_value());
}
