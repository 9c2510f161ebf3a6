#include "local/isolation/id_range.hpp"

#include <doctest/doctest.h>

namespace daytona::local {

TEST_CASE("subordinate ranges and accounts are read, and lines that are neither are skipped") {
  const auto ranges = parse_subordinate_ids("ann:100000:65536\nbroken\nben:x:1\n");
  const auto accounts = parse_account_ids("root:x:0:0:root:/root:/bin/bash\nann:x:1000:\n\n");

  REQUIRE(ranges.size() == 1);
  CHECK(ranges[0].first == 100000);
  CHECK(ranges[0].count == 65536);
  REQUIRE(accounts.size() == 2);
  CHECK(accounts[1].first == 1000);
}

TEST_CASE("the base is one whose 65536 ids nobody has") {
  const auto first = free_id_base({});
  const auto next = free_id_base({{first + 65535ULL, 1}});

  CHECK(first >= 100000 + 65536);
  CHECK(next == first + 65536);
  CHECK(free_id_base({{0, 0xFFFFFFFFULL}}) == 0);
}

}  // namespace daytona::local
