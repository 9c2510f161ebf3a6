#include "protocol/redaction.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string_view>

using namespace daytona::protocol;

TEST_CASE("a URL is shown without user, password, query and fragment") {
  CHECK(redacted_url("https://host:8443/api/sandbox?token=secret#x") == "https://host:8443/api/sandbox");
  CHECK(redacted_url("https://me:secret@host/api") == "https://host/api");
  CHECK(redacted_url("https://me:sec@ret@host/a@b") == "https://host/a@b");
  CHECK(redacted_url("/sandbox?labels=secret") == "/sandbox");
}

TEST_CASE("a secret is taken out wherever it stands, and a part of a longer one does not uncover the rest") {
  const std::array<std::string_view, 3> secrets = {"key", "key-and-more", ""};

  CHECK(redacted_text("Bearer key-and-more, key; keykey", secrets) ==
        "Bearer <redacted>, <redacted>; <redacted><redacted>");
  CHECK(redacted_text("nothing to hide", secrets) == "nothing to hide");
}
