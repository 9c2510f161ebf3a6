// What a sandbox is made of, with the numbers of docs/local-backend.md's "What sandboxes are made of". Run on the machine itself and on a tree.
#include <doctest/doctest.h>

#include "escape_fixture.hpp"

namespace fs = std::filesystem;

namespace daytona::local::test {

TEST_CASE("user and group daytona, a home, bash, and sudo without a password where there is root") {
  escape_fixture inside;

  CHECK(inside.as_daytona("id -un; id -gn; cd; pwd; getent passwd daytona | cut -d: -f6,7; basename \"$SHELL\"") ==
        "daytona\ndaytona\n/home/daytona\n/home/daytona:/bin/bash\nbash\n");
  if (has_root()) CHECK(inside.as_daytona("sudo -n whoami") == "root\n");
  CHECK(inside.as_daytona("node -e 'console.log(Number(process.versions.node.split(\".\")[0]) >= 18)'") == "true\n");
}

TEST_CASE("/tmp and /var/tmp are of the sandbox's own disk, open to all") {
  escape_fixture inside;

  CHECK(inside.as_daytona("stat -c '%a %U' /tmp /var/tmp; stat -f -c %T /tmp | grep -c tmpfs; stat -c %d /tmp /home | "
                          "uniq | wc -l") == "1777 " + std::string{has_root() ? "root" : "daytona"} + "\n1777 " +
                                                 std::string{has_root() ? "root" : "daytona"} + "\n0\n1\n");
}

TEST_CASE("the system inside is that of the base, and dpkg knows its packages") {
  escape_fixture inside;
  const auto base = base_of_this_run();

  CHECK(inside.as_daytona("cat /usr/lib/os-release") == content(base / "usr/lib/os-release"));
  CHECK(inside.as_daytona("cat /var/lib/dpkg/status | sha256sum; dpkg -s bash | grep ^Status")
            .ends_with("Status: install ok installed\n"));
  CHECK(inside.as_daytona("ls -d /bin /sbin /lib; readlink /bin") == "/bin\n/lib\n/sbin\nusr/bin\n");
}

TEST_CASE("what is written to the base inside is not written outside, and goes with the sandbox") {
  isolation_fixture fixture;
  auto sandbox = fixture.launch("one");
  const auto base = base_of_this_run();
  if (!has_root()) {  // nobody inside may write there
    CHECK(fixture.output_of(
              sandbox, "(echo mine > /usr/lib/mine) 2>/dev/null || rm /usr/bin/git 2>/dev/null || echo no") == "no\n");
    CHECK_FALSE(fs::exists(base / "usr/lib/mine"));
    CHECK(fs::exists(base / "usr/bin/git"));
    return;
  }
  const auto status = content(base / "var/lib/dpkg/status");

  fixture.output_of(sandbox,
                    "sudo -n sh -c 'echo mine > /usr/lib/os-release; rm /usr/bin/git; mkdir /opt/mine; echo mine >> "
                    "/var/lib/dpkg/status; echo mine > /etc/debian_version'");

  CHECK(fixture.output_of(sandbox, "cat /usr/lib/os-release /etc/debian_version; ls /usr/bin/git 2>&1 | wc -l") ==
        "mine\nmine\n1\n");
  CHECK(content(base / "usr/lib/os-release").find("mine") == std::string::npos);
  CHECK(fs::exists(base / "usr/bin/git"));
  CHECK_FALSE(fs::exists(base / "opt/mine"));
  CHECK(content(base / "var/lib/dpkg/status") == status);
  CHECK(fixture.output_of(fixture.launch("two"), "ls /usr/bin/git; ls -A /opt | grep mine") == "/usr/bin/git\n");
}

}  // namespace daytona::local::test
