#include "protocol/url.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>

using namespace daytona::protocol;

TEST_CASE("C5: a base URL is taken apart, with port, path and trailing slashes") {
  const auto plain = parse_base_url("http://127.0.0.1:3901/api");
  REQUIRE(plain.has_value());
  CHECK_FALSE(plain->is_tls);
  CHECK(plain->host == "127.0.0.1");
  CHECK(plain->port == 3901);
  CHECK(plain->path == "/api");
  CHECK(plain->host_header == "127.0.0.1:3901");
  CHECK(plain->origin() == "http://127.0.0.1:3901");

  const auto secure = parse_base_url("HTTPS://App.Daytona.IO/api///");
  REQUIRE(secure.has_value());
  CHECK(secure->is_tls);
  CHECK(secure->host == "app.daytona.io");
  CHECK(secure->port == 443);
  CHECK(secure->path == "/api");
  CHECK(secure->host_header == "app.daytona.io");
  CHECK(secure->origin() == "https://app.daytona.io:443");
}

TEST_CASE("C5: the scheme's own port is not told, another one is") {
  CHECK(parse_base_url("http://h:80")->host_header == "h");
  CHECK(parse_base_url("https://h:80")->host_header == "h:80");
  CHECK(parse_base_url("http://h:")->port == 80);
  CHECK(parse_base_url("http://h")->path.empty());
  CHECK(parse_base_url("http://h/")->path.empty());
  CHECK(parse_base_url("http://h/a/b/")->path == "/a/b");
}

TEST_CASE("C5: an IPv6 address has brackets where it is told, and none where it is used") {
  const auto base = parse_base_url("http://[::1]:8080/api/");

  REQUIRE(base.has_value());
  CHECK(base->host == "::1");
  CHECK(base->host_header == "[::1]:8080");
  CHECK(base->origin() == "http://[::1]:8080");
  CHECK(parse_base_url("https://[2001:DB8::1]")->host == "2001:db8::1");
}

TEST_CASE("what is no base URL is refused, and the failure says why") {
  const auto why = [](const std::string& text) {
    const auto base = parse_base_url(text);
    return base.has_error() ? base.error().what : std::string("accepted");
  };

  CHECK(why("") == "it is not a URL");
  CHECK(why("app.daytona.io/api") == "it is not a URL");
  CHECK(why("ftp://h/") == "it must begin with http:// or https://");
  CHECK(why("http://") == "it has no host");
  CHECK(why("http:///api") == "it has no host");
  CHECK(why("http://me:secret@h/") == "it must not hold a user or password");
  CHECK(why("http://h/?a=b") == "it must have no query and no fragment");
  CHECK(why("http://h/#f") == "it must have no query and no fragment");
  CHECK(why("http://h:0/") == "its port must be 1 to 65535");
  CHECK(why("http://h:65536/") == "its port must be 1 to 65535");
  CHECK(why("http://h:99999") == "its port must be 1 to 65535");
  CHECK(why("http://h:123456789012345/") == "its port must be 1 to 65535");
  CHECK(why("http://a%20b/") == "its host must not be percent-encoded");
  for (const std::string text : {"http://h:x/", "http://h\r\nX: y/", "http://a b/", "http://[::1/", "http://h/a b"}) {
    CAPTURE(text);
    CHECK(why(text) != "accepted");
  }
}

TEST_CASE("a path segment can't leave its place") {
  request_target target("/api");

  target.route("/sandbox").segment("a/b:c d%é\r\n?#").route("/start");

  CHECK(target.text() == "/api/sandbox/a%2Fb%3Ac%20d%25%C3%A9%0D%0A%3F%23/start");
  CHECK(request_target("/sandbox").segment("..").text() == "/sandbox/%2E%2E");
  CHECK(request_target("/sandbox").segment("a.b-c_d~E9").text() == "/sandbox/a.b-c_d~E9");
}

TEST_CASE("query values keep their type and their characters") {
  request_target target("/x");

  target.query("text", "a&b=c+d/%")
      .query("flag", true)
      .query("count", std::int64_t{7})
      .query("size", 2.0)
      .query("part", 1.5);

  CHECK(target.text() == "/x?text=a%26b%3Dc%2Bd%2F%25&flag=true&count=7&size=2&part=1.5");
}

TEST_CASE("percent-encoding leaves letters, digits and -._~ alone, byte for byte") {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all.push_back(static_cast<char>(byte));

  const std::string encoded = percent_encode(all);

  CHECK(encoded.size() == 66 + 3 * (256 - 66));
  CHECK(encoded.starts_with("%00%01"));
  CHECK(encoded.ends_with("%FF"));
}
