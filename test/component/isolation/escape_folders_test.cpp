// The part of the escape list that is about a sandbox's own folders: what it leaves there for whoever mounts them at the next start, or finds them. It
// is tried as the strongest user inside, on the machine itself and on a tree.
#include <doctest/doctest.h>

#include <fstream>
#include <set>
#include <vector>

#include "daytona/error.hpp"
#include "escape_fixture.hpp"

namespace fs = std::filesystem;

namespace daytona::local::test {

namespace {

struct restart_fixture : escape_fixture {
  /// Ends the sandbox and starts it anew. Why that was refused; empty = it runs.
  std::string start_again() {
    run(helper().stop("one", true));
    try {
      sandbox = launch("one");
      return {};
    } catch (const daytona::error& refused) {
      return refused.what();
    }
  }

  /// Removes it, whatever has become of it, and makes another one of its name.
  void renew() {
    run(helper().remove("one", directory_of("one")));
    CHECK_FALSE(fs::exists(directory_of("one")));
    sandbox = launch("one");
  }

  /// What comes of a start after `script` was run inside.
  std::string start_after(const std::string& script) {
    INFO(script);
    CHECK(attempt(script + "; echo broken").ends_with("broken\n"));
    const auto refusal = start_again();
    CHECK(refusal.find(data().string()) == std::string::npos);
    renew();
    return refusal;
  }
};

bool refuses(const std::string& refusal, const std::string& reason) {
  INFO(refusal);
  return refusal.find(reason) != std::string::npos;
}

/// What the machine has beside this sandbox: a folder open to all, another sandbox, a folder of the system, and what is not there.
std::vector<std::string> make_targets(restart_fixture& inside) {
  const auto secret = inside.data() / "secret";
  fs::create_directory(secret);
  std::ofstream{secret / "mine"} << "of the machine";
  fs::permissions(secret, fs::perms::all);
  fs::permissions(secret / "mine", fs::perms{0666});
  inside.output_of(inside.launch("other"), "echo mine > ~/mine; chmod 600 ~/mine");
  return {secret, inside.directory_of("other") / "root/home/daytona", "/etc", inside.data() / "missing"};
}

}  // namespace

TEST_CASE("escape: links left where folders are mounted lead nowhere at the next start") {
  restart_fixture inside;
  const auto targets = make_targets(inside);
  const std::string move_lib = "mv /var/lib /var/lib.old; ";

  // The first mount lies over the folder in which the source of the second is looked for.
  std::set<std::string> refusals;
  for (const auto& target : targets)
    for (const auto& covered : {inside.data() / "base/staging", inside.directory_of("one") / "upper"})
      refusals.insert(inside.start_after("ln -s " + target + " /var/lib/dpkg/var-lib-apt 2>/dev/null; " + move_lib +
                                         "mkdir -p /var/lib/apt; ln -s " + covered.string() + " /var/lib/dpkg"));
  // The folder itself and those above it are elsewhere, be that there or not.
  for (const auto& target : targets) {
    refusals.insert(inside.start_after(move_lib + "ln -s " + target + " /var/lib"));
    refusals.insert(inside.start_after("mv /var /var.old; ln -s " + target + " /var"));
    refusals.insert(inside.start_after(move_lib + "mkdir -p /var/lib/apt; ln -s " + target + " /var/lib/dpkg"));
  }
  for (const std::string instead : {"ln -s var.old /var", "touch /var", "ln -s /proc/self/root/var.old /var", ":"})
    refusals.insert(inside.start_after("mv /var /var.old; " + instead));

  REQUIRE(refusals.size() == 1);
  CHECK(refuses(*refusals.begin(), "/var/lib/dpkg of the sandbox is no folder any more"));
  CHECK(content(fs::path{targets.front()} / "mine") == "of the machine");
  CHECK(std::distance(fs::directory_iterator{targets.front()}, fs::directory_iterator{}) == 1);
  CHECK(std::distance(fs::directory_iterator{targets[1]}, fs::directory_iterator{}) >= 1);
}

TEST_CASE("escape: a home that is a link leads nowhere but to what is inside, and not by what PID 1 has open") {
  restart_fixture inside;
  const std::string move_home = "mv /home/daytona /srv/home; ln -s ";

  std::set<std::string> refusals;
  for (const auto& target : make_targets(inside))
    if (target != "/etc") refusals.insert(inside.start_after(move_home + target + " /home/daytona"));
  REQUIRE(refusals.size() == 1);
  CHECK(refuses(*refusals.begin(), "enter /home/daytona: No such file or directory"));
  for (const std::string target : {"/proc/self/cwd", "/proc/self/root", "/proc/1/root/srv/home", "/proc/self/fd/5"})
    CHECK(refuses(inside.start_after(move_home + target + " /home/daytona"), "enter /home/daytona: "));

  inside.attempt(move_home + "/srv/home /home/daytona");
  CHECK(inside.start_again() == "");
  CHECK(inside.as_daytona("pwd -P") == "/srv/home\n");
}

TEST_CASE("escape: what is mounted on a folder keeps it in its place") {
  restart_fixture inside;

  CHECK(inside.attempt("cd /; for each in dev etc opt proc run sys usr var/lib/apt var/lib/dpkg; do mv $each moved || "
                       "rm -d $each && echo \"$each is gone\"; done 2>/dev/null") == "");
}

TEST_CASE("a sandbox that closed its folders to itself starts, and can be removed") {
  restart_fixture inside;

  CHECK(inside.start_after("chmod 0 /etc /var /var/lib /var/lib/apt /tmp /root /srv") == "");
  inside.start_after("chmod 0 /home/daytona /home /");
}

TEST_CASE("escape: nobody else of the machine gets to the programs that a sandbox left with the rights of its user") {
  escape_fixture inside;

  inside.attempt("cp /bin/bash /tmp/mine; chmod 6755 /tmp/mine");

  CHECK(fs::exists(inside.directory_of("one") / "root/tmp/mine"));
  CHECK(fs::status(inside.directory_of("one")).permissions() == fs::perms::owner_all);
}

TEST_CASE("escape: after a stop and a start the walls stand as they stood, and of what ran nothing is left") {
  restart_fixture inside;
  const std::string walls =
      "awk '{print $5, $6}' /proc/self/mountinfo; grep -hE 'Cap|Seccomp|NoNewPrivs|[UG]id' /proc/self/status; "
      "cat /proc/self/uid_map; ulimit -aH; ls -A /dev /run /dev/shm; pgrep sleep; "
      "cat /proc/sys/user/max_user_namespaces; ls /sys/class/net";
  const auto before = inside.as_daytona(walls);

  inside.attempt(
      "for each in /home/daytona /opt /etc; do cp /bin/bash $each/root; chmod 6755 $each/root; done\n"
      "sed -i 's/^daytona:x:1000:1000/daytona:x:0:0/' /etc/passwd; echo 'daytona 0' > /etc/security/capability.conf\n"
      "mkdir -p /etc/cron.d /etc/systemd/system; echo '* * * * * root touch /tmp/run' > /etc/cron.d/mine\n"
      "echo mine > /dev/shm/mine; mkdir /run/mine; ulimit -Hn 64\n"
      "(setsid sleep 60 >/dev/null 2>&1 & exit)");

  CHECK(inside.start_again() == "");
  CHECK(inside.as_daytona(walls) == before);
}

}  // namespace daytona::local::test
