#include "local/isolation/base_files.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

#include "local/isolation/accounts.hpp"

namespace daytona::local {

TEST_CASE("the accounts of a sandbox are well-formed, and no password opens one") {
  const base_accounts machine{"root:x:0:0:root:/root:/bin/sh\n_apt:x:42:65534::/:/bin/sh\n", "", {"_apt"}};
  std::istringstream lines{passwd_text(machine)};
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    CHECK(std::count(line.begin(), line.end(), ':') == 6);
    CHECK(line.find(":x:") != std::string::npos);
  }
  CHECK(passwd_text(machine).find("_apt:x:42:65534:") != std::string::npos);
  CHECK(passwd_text(machine).find("daytona:x:1000:1000:") != std::string::npos);
  CHECK(shadow_text() == "root:*:19000:0:99999:7:::\ndaytona:*:19000:0:99999:7:::\n");
}

TEST_CASE("accounts that dpkg's overrides name are taken over with their ids, if they are the system's own") {
  const base_accounts machine{"ann:x:1000:1000:Ann:/:/bin/sh\nbus:x:104:110:secret:/run:/bin/sh\n",
                              "ann:x:1000:ann\nssl-cert:x:107:ann\nroot:x:0:\nother:x:108:\n",
                              accounts_named_by_overrides("root ssl-cert 710 /etc/ssl/private\nbus ann 4754 /x\n\n")};

  CHECK(group_text(machine).ends_with("daytona:x:1000:\nssl-cert:x:107:\n"));
  CHECK(passwd_text(machine).ends_with("daytona:/bin/bash\nbus:x:104:110::/nonexistent:/usr/sbin/nologin\n"));
}

TEST_CASE("what package managers are told comes along without its credentials") {
  CHECK(without_credentials("registry=https://npm.example/\n//npm.example/:_authToken=abc\ncafile=/etc/ssl/ca.pem") ==
        "registry=https://npm.example/\ncafile=/etc/ssl/ca.pem\n");
  CHECK(without_credentials("[global]\nindex-url = https://me:word@pip.example/simple\ntimeout = 5\n") ==
        "[global]\ntimeout = 5\n");
  CHECK(without_credentials("URIs: http://deb.example/debian\nSigned-By: /usr/share/keyrings/debian.gpg\n") ==
        "URIs: http://deb.example/debian\nSigned-By: /usr/share/keyrings/debian.gpg\n");
  CHECK(without_credentials("deb https://token@deb.example/ ./\nPassword = x\nhttp_password=y\n") == "");
}

TEST_CASE("the host's name is in its hosts file") { CHECK(hosts_text("box").find("127.0.0.1 localhost box\n") == 0); }

}  // namespace daytona::local
