#include "net/dial.hpp"

#include <doctest/doctest.h>

using namespace daytona::net;

namespace {

std::vector<asio::ip::address> list(std::initializer_list<const char*> texts) {
  std::vector<asio::ip::address> made;
  for (const auto* const text : texts) made.push_back(asio::ip::make_address(text));
  return made;
}

}  // namespace

TEST_CASE("R9: addresses take turns by family, beginning with the first one's") {
  CHECK(interleaved(list({"::1", "::2", "::3", "1.1.1.1", "2.2.2.2"})) ==
        list({"::1", "1.1.1.1", "::2", "2.2.2.2", "::3"}));
  CHECK(interleaved(list({"1.1.1.1", "2.2.2.2", "::1"})) == list({"1.1.1.1", "::1", "2.2.2.2"}));
  CHECK(interleaved(list({"::1", "::2"})) == list({"::1", "::2"}));
  CHECK(interleaved({}).empty());
}
