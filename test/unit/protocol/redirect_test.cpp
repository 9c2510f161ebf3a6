#include "protocol/redirect.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>

using namespace daytona::protocol;

namespace {

const base_url server = *parse_base_url("https://api.test/api");

redirected_request asked(std::string_view verb = "GET", std::string_view target = "/api/sandbox?a=b") {
  redirected_request request;
  request.base = &server;
  request.verb = verb;
  request.target = target;
  return request;
}

/// Where it goes on, or nothing.
std::string followed(std::string_view location, unsigned status = 307) {
  const auto action = decide_redirect(asked(), status, location);
  const auto* const next = std::get_if<follow_redirect>(&action);
  return next == nullptr ? std::string() : next->target;
}

std::string refused(std::string_view location) {
  const auto action = decide_redirect(asked(), 302, location);
  const auto* const why = std::get_if<refuse_redirect>(&action);
  return why == nullptr ? std::string() : why->what;
}

bool needs_login(std::string_view location) {
  return std::holds_alternative<login_required>(decide_redirect(asked(), 302, location));
}

}  // namespace

TEST_CASE("R13: a redirect within the server is followed, however it is written") {
  CHECK(followed("/api/sandbox/") == "/api/sandbox/");
  CHECK(followed("https://api.test/api/sandbox/?a=b") == "/api/sandbox/?a=b");
  CHECK(followed("https://API.test:443/other") == "/other");
  CHECK(followed("//api.test/x") == "/x");
  CHECK(followed("sandbox/") == "/api/sandbox/");
  CHECK(followed("?c=d") == "/api/sandbox?c=d");
  CHECK(followed("../x") == "/x");
  CHECK(followed("https://api.test") == "/");
  CHECK(followed("https://api.test?q") == "/?q");
  CHECK(followed("/x#fragment") == "/x");
  CHECK(followed("https://api.test/x?#fragment") == "/x?");
}

TEST_CASE("R13: method, body and credentials stay as they were, but for 303") {
  for (const unsigned status : {301U, 302U, 303U, 307U, 308U}) {
    const auto action = decide_redirect(asked("POST"), status, "/api/sandbox/");

    REQUIRE(std::holds_alternative<follow_redirect>(action));
    CHECK(std::get<follow_redirect>(action).as_get == (status == 303));
    CHECK(is_redirect(status));
  }
  for (const unsigned status : {200U, 300U, 304U, 305U, 306U, 309U, 404U}) CHECK_FALSE(is_redirect(status));
}

TEST_CASE("R13: nothing is sent to another server, which is named") {
  for (const auto* const location : {"https://evil.test/api/sandbox", "https://api.test:444/x", "//evil.test/x",
                                     "https://api.test.evil.test/", "https://xn--api-test/"})
    CHECK(refused(location).find("config::api_url") != std::string::npos);
  CHECK(refused("https://evil.test/").find("https://evil.test:443") != std::string::npos);
}

TEST_CASE("R13: TLS is not left") {
  CHECK(refused("http://api.test/api/sandbox").find("without TLS") != std::string::npos);
}

TEST_CASE("R13: what leads nowhere is refused") {
  for (const auto* const location : {"", "ftp://api.test/", "https://", "https://user:pw@api.test/", "/a b", "http://[",
                                     "https://api.test:0/", "javascript:alert(1)", "/%zz"})
    CHECK(refused(location).find("without saying where") != std::string::npos);
  CHECK(refused("https://api.test:443.evil.test/x").find("without saying where") != std::string::npos);
}

TEST_CASE("R13: a login page is known by its address, here and elsewhere") {
  CHECK(needs_login("https://auth.test/oauth2/authorize?client_id=x&redirect_uri=y"));
  CHECK(needs_login("https://auth.test/u?response_type=code&client_id=x"));
  CHECK(needs_login("/login"));
  CHECK(needs_login("/auth/SignIn?next=/api"));
  CHECK_FALSE(needs_login("/api/sandbox/login-server/"));
  CHECK_FALSE(needs_login("/api/sandbox?client_id=x"));
}

TEST_CASE("R13: a sandbox whose name is that of a login page is none") {
  const auto action = decide_redirect(asked("GET", "/api/sandbox/login?x=y"), 301, "/api/sandbox/login/?x=y");

  CHECK(std::holds_alternative<follow_redirect>(action));
}

TEST_CASE("R13: redirects are bounded") {
  auto request = asked();
  request.followed = max_redirects - 1;
  CHECK(std::holds_alternative<follow_redirect>(decide_redirect(request, 302, "/x")));
  request.followed = max_redirects;
  CHECK(std::holds_alternative<refuse_redirect>(decide_redirect(request, 302, "/x")));
}

TEST_CASE("R3: a body that is gone is not sent again, and 303 needs none") {
  auto request = asked("POST");
  request.body_replayable = false;
  CHECK(std::holds_alternative<refuse_redirect>(decide_redirect(request, 307, "/x")));
  CHECK(std::holds_alternative<follow_redirect>(decide_redirect(request, 303, "/x")));
}
