#include "local/control/base_command.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

namespace daytona::local {

namespace {

bool has(const std::vector<std::string>& command, const std::string& argument) {
  return std::ranges::find(command, argument) != command.end();
}

/// The one argument that begins so.
std::string starting(const std::vector<std::string>& command, const std::string& begin) {
  const auto found = std::ranges::find_if(command, [&](const auto& each) { return each.starts_with(begin); });
  return found == command.end() ? "" : *found;
}

tree_order order(bool root) {
  tree_order made;
  made.suite = "bookworm";
  made.sources = {"/etc/apt/sources.list.d/debian.sources"};
  made.settings = "/trees/it's/apt.conf";
  made.target = "/trees/base";
  made.packages = {"gdb,jq"};
  made.root = root;
  return made;
}

}  // namespace

TEST_CASE("root makes a folder, with the machine's sources and settings, and others an archive, in ids of their own") {
  const auto root = mmdebstrap_command(order(true));
  const auto user = mmdebstrap_command(order(false));

  CHECK(std::vector<std::string>(root.end() - 3, root.end()) ==
        std::vector<std::string>{"bookworm", "/trees/base", "/etc/apt/sources.list.d/debian.sources"});
  CHECK(has(root, "--mode=root"));
  CHECK(has(root, "--format=directory"));
  CHECK(has(user, "--mode=unshare"));
  CHECK(has(user, "--format=tar"));
  CHECK(starting(root, "--setup-hook=").find(R"('/trees/it'\''s/apt.conf')") != std::string::npos);
  CHECK(starting(user, "--setup-hook=") ==
        R"(--setup-hook=upload '/trees/it'\''s/apt.conf' /etc/apt/apt.conf.d/00machine)");
  CHECK(starting(root, "--include=").ends_with(",gdb,jq"));
}

TEST_CASE("credentials for packages are there while a tree is made, and not in it") {
  const auto root = mmdebstrap_command(order(true));

  CHECK(starting(root, "--setup-hook=").find("/etc/apt/auth.conf.d") != std::string::npos);
  CHECK(starting(mmdebstrap_command(order(false)), "--setup-hook=").find("auth.conf") == std::string::npos);
  for (const std::string left : {"apt.conf.d/00machine", "etc/apt/auth.conf\"", "etc/apt/auth.conf.d\"/*"})
    CHECK(starting(root, "--customize-hook=").find(left) != std::string::npos);
}

}  // namespace daytona::local
