#include "protocol/no_proxy.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string_view>

using namespace daytona::protocol;

namespace {

struct example {
  std::string_view list, host;
  std::uint16_t port;
  bool covered;
};

constexpr auto examples = std::to_array<example>({
    {"", "example.com", 443, false},
    {"*", "example.com", 443, true},
    {"*", "192.0.2.7", 443, true},
    {"example.com", "example.com", 443, true},
    {"example.com", "EXAMPLE.com.", 443, true},
    {"Example.COM.", "example.com", 443, true},
    {"example.com", "api.example.com", 443, true},
    {"example.com", "notexample.com", 443, false},
    {"example.com", "example.com.evil.org", 443, false},
    {".example.com", "api.example.com", 443, true},
    {".example.com", "example.com", 443, true},
    {".example.com", "notexample.com", 443, false},
    {"*.example.com", "api.example.com", 443, true},
    {"*.example.com", "example.com", 443, false},
    {"example.com:443", "example.com", 443, true},
    {"example.com:443", "example.com", 80, false},
    {"*:8080", "example.com", 8080, true},
    {"*:8080", "example.com", 80, false},
    {"192.0.2.7", "192.0.2.7", 80, true},
    {"192.0.2.7", "192.0.2.70", 80, false},
    {"192.0.2.7:80", "192.0.2.7", 80, true},
    {"192.0.2.7:80", "192.0.2.7", 81, false},
    {"10.0.0.0/8", "10.200.0.1", 80, true},
    {"10.0.0.0/8", "11.0.0.1", 80, false},
    {"10.0.0.0/8:80", "10.1.1.1", 80, true},
    {"10.0.0.0/8:80", "10.1.1.1", 81, false},
    {"10.0.0.0/33", "10.0.0.0", 80, false},
    {"0.0.0.0/0", "203.0.113.9", 80, true},
    {"0.0.0.0/0", "2001:db8::1", 80, false},
    {"10.0.0.0/8", "::ffff:10.0.0.1", 80, true},
    {"2001:db8::1", "2001:DB8:0::1", 80, true},
    {"[2001:db8::1]", "2001:db8::1", 80, true},
    {"[2001:db8::1]:443", "2001:db8::1", 443, true},
    {"[2001:db8::1]:443", "2001:db8::1", 80, false},
    {"2001:db8::/32", "2001:db8:ffff::1", 80, true},
    {"2001:db8::/33", "2001:db8:ffff::1", 80, false},
    {"::/0", "10.0.0.1", 80, false},
    {"a.org,example.com", "example.com", 80, true},
    {" a.org \t,, example.com ", "example.com", 80, true},
    {"a.org example.com", "a.org", 80, true},
    {"7", "192.0.2.7", 80, false},  // an address has no names above it
    {".", "example.com", 80, false},
    {":80", "example.com", 80, false},
    {"example.com:port", "example.com", 80, false},
    {"example.com:65536", "example.com", 80, false},
    {"[::1", "::1", 80, false},
    {"**.com", "example.com", 80, false},
});

}  // namespace

TEST_CASE("C3: NO_PROXY is understood in all its common forms") {
  for (const auto& one : examples) {
    INFO(one.list, " and ", one.host, ":", one.port);
    CHECK(no_proxy_list(one.list).covers(one.host, one.port) == one.covered);
  }
}

TEST_CASE("loopback is known by name and by address") {
  for (const auto* const host : {"localhost", "A.LocalHost.", "127.0.0.1", "127.9.9.9", "::1"})
    CHECK(is_loopback(host));
  for (const auto* const host : {"localhost.org", "128.0.0.1", "::2", "127.0.0.1.org", ""})
    CHECK_FALSE(is_loopback(host));
}
