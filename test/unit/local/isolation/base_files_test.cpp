#include "local/isolation/base_files.hpp"

#include <doctest/doctest.h>

#include <sstream>

namespace daytona::local {

TEST_CASE("the accounts of a sandbox are well-formed, and no password opens one") {
  std::istringstream lines{passwd_text(42)};
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    CHECK(std::count(line.begin(), line.end(), ':') == 6);
    CHECK(line.find(":x:") != std::string::npos);
  }
  CHECK(passwd_text(42).find("_apt:x:42:65534:") != std::string::npos);
  CHECK(passwd_text(42).find("daytona:x:1000:1000:") != std::string::npos);
  CHECK(shadow_text() == "root:*:19000:0:99999:7:::\ndaytona:*:19000:0:99999:7:::\n");
}

TEST_CASE("the host's name is in its hosts file") { CHECK(hosts_text("box").find("127.0.0.1 localhost box\n") == 0); }

}  // namespace daytona::local
