#include "local/control/egress_rules.hpp"

#include <boost/asio/ip/address.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

using namespace daytona::local;
namespace ip = boost::asio::ip;

TEST_CASE("addresses of the internet may be reached") {
  for (const char* text :
       {"1.1.1.1", "8.8.8.8", "100.63.255.255", "172.15.0.1", "172.32.0.1", "192.167.1.1", "223.255.255.255",
        "2606:4700:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::808:808"}) {
    CAPTURE(text);
    CHECK(is_public_address(ip::make_address(text)));
  }
}

TEST_CASE("addresses of this machine and of the networks around it may not, in whatever form") {
  for (const char* text : {"127.0.0.1",
                           "127.255.0.9",
                           "0.0.0.0",
                           "0.1.2.3",
                           "10.1.2.3",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.168.1.1",
                           "169.254.169.254",
                           "100.64.0.1",
                           "198.18.0.1",
                           "224.0.0.1",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "fe80::1",
                           "fc00::1",
                           "fd12::1",
                           "fec0::1",
                           "ff02::1",
                           "::ffff:127.0.0.1",
                           "::ffff:169.254.169.254",
                           "::127.0.0.1",
                           "64:ff9b::7f00:1",
                           "2002:7f00:1::",
                           "2002:a00:1::1",
                           "2001::1",
                           "2001:db8::1"}) {
    CAPTURE(text);
    CHECK_FALSE(is_public_address(ip::make_address(text)));
  }
}

TEST_CASE("a rule allows exactly its host and port") {
  const egress_rules rules{{"localhost:3000", "[::1]:80"}};
  const auto loopback = ip::make_address("127.0.0.1");

  CHECK(rules.permits({"localhost", 3000}, loopback, {}));
  CHECK(rules.permits({"LOCALHOST", 3000}, loopback, {}));
  CHECK(rules.permits({"::1", 80}, ip::make_address("::1"), {}));
  CHECK_FALSE(rules.permits({"localhost", 3001}, loopback, {}));
  CHECK_FALSE(rules.permits({"127.0.0.1", 3000}, loopback, {}));
  CHECK(rules.permits({"example.com", 443}, ip::make_address("1.1.1.1"), {}));
}

TEST_CASE("a public address that is this machine's own may be reached by a rule alone, in whatever form") {
  const std::vector machine{ip::make_address("8.8.4.4"), ip::make_address("2a00:1450::1")};
  const egress_rules rules{{"me.example:80"}};

  for (const char* own :
       {"8.8.4.4", "::ffff:8.8.4.4", "64:ff9b::808:404", "2002:808:404::1", "2a00:1450::1", "2a00:1450::1%1"}) {
    CAPTURE(own);
    CHECK_FALSE(rules.permits({"other.example", 80}, ip::make_address(own), machine));
    CHECK(rules.permits({"me.example", 80}, ip::make_address(own), machine));
  }
  CHECK(rules.permits({"other.example", 80}, ip::make_address("8.8.8.8"), machine));
}

TEST_CASE("the addresses of this machine hold its loopback") {
  const auto own = machine_addresses();

  CHECK(std::ranges::find(own, ip::make_address("127.0.0.1")) != own.end());
}

TEST_CASE("HOST:PORT is read with brackets, with a default port, and refused otherwise") {
  CHECK(parse_egress_target("example.com:443") == egress_target{"example.com", 443});
  CHECK(parse_egress_target("[2001:db8::1]:8080") == egress_target{"2001:db8::1", 8080});
  CHECK(parse_egress_target("example.com", 80) == egress_target{"example.com", 80});
  for (const char* text : {"example.com", ":80", "example.com:", "example.com:0", "example.com:65536", "example.com:8x",
                           "[::1", "a:1:2"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_egress_target(text), std::invalid_argument);
  }
}
