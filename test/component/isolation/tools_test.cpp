// What a Debian userland does goes on working behind the refusals. Nothing here needs the internet.
#include <doctest/doctest.h>

#include "escape_fixture.hpp"

namespace daytona::local::test {

TEST_CASE("the tools that programs for Daytona expect are on the path") {
  escape_fixture inside;

  CHECK(inside.as_daytona(
            "for tool in bash sh python python3 pip pip3 curl git awk sed grep nohup node npm npx ts-node env "
            "tar gzip find xargs sort head; do command -v $tool >/dev/null || echo no $tool; done") == "");
}

TEST_CASE(
    "sudo needs no password, and useradd, su and chown work for root inside; where there is none, sudo says no and "
    "nothing hangs") {
  escape_fixture inside;
  if (!has_root()) {  // userns has one user: said in the mode's description
    CHECK(inside.run(execute(inside.sandbox, "sudo -n true")).at("exitCode").as_int64() != 0);
    return;
  }

  CHECK(
      inside.as_daytona("sudo -n useradd -m ann && sudo -n su ann -c 'whoami; cd; pwd; touch mine; stat -c %U mine'") ==
      "ann\n/home/ann\nann\n");
  CHECK(inside.as_daytona("sudo -n chown ann:ann /tmp && stat -c %U /tmp; sudo -n passwd -S ann | cut -d' ' -f1-2") ==
        "ann\nann L\n");
}

TEST_CASE("apt-get update and install work, with a repository in a folder; without root, apt says no") {
  escape_fixture inside;
  if (!has_root()) {
    CHECK(inside.exit_code("apt-get -qq -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts=- update") != 0);
    return;
  }
  const std::string make_package =
      "mkdir -p /tmp/repo/hello/DEBIAN /tmp/repo/hello/usr/bin && cd /tmp/repo\n"
      "printf 'Package: hello-box\\nVersion: 1\\nArchitecture: all\\nMaintainer: Me <me@example.com>\\nDescription: "
      "hello\\n' > hello/DEBIAN/control\n"
      "printf '#!/bin/sh\\necho hello from a package\\n' > hello/usr/bin/hello-box; chmod 755 hello/usr/bin/hello-box\n"
      "dpkg-deb --root-owner-group -b hello hello-box_1_all.deb >/dev/null\n"
      "(dpkg-deb -f hello-box_1_all.deb; echo \"Filename: ./hello-box_1_all.deb\"; echo \"Size: $(stat -c %s "
      "hello-box_1_all.deb)\"\n"
      " echo \"SHA256: $(sha256sum hello-box_1_all.deb | cut -d' ' -f1)\") > Packages\n"
      "echo 'deb [trusted=yes] file:/tmp/repo ./' > /tmp/sources.list\n";
  const std::string options = "-qq -o Dir::Etc::sourcelist=/tmp/sources.list -o Dir::Etc::sourceparts=- ";

  const auto output = inside.as_daytona(
      make_package + "sudo -n apt-get " + options + "update 2>&1 && sudo -n apt-get " + options +
      "install -y hello-box 2>&1 | grep -i -E '^(E|W):'; hello-box; dpkg -s hello-box | grep ^Status");

  CHECK(output == "hello from a package\nStatus: install ok installed\n");
}

TEST_CASE("gdb runs a program of the sandbox and stops in it") {
  escape_fixture inside;

  const auto output = inside.as_daytona("gdb -q -batch -ex 'break exit' -ex run -ex 'print 6*7' /bin/true 2>&1");

  CHECK_MESSAGE(output.find("$1 = 42") != std::string::npos, output);
  CHECK_MESSAGE(output.find("Breakpoint 1, ") != std::string::npos, output);
}

TEST_CASE("pip installs a package, and python finds it") {
  escape_fixture inside;
  const std::string make_wheel =
      "import zipfile\n"
      "with zipfile.ZipFile('box-1-py3-none-any.whl', 'w') as wheel:\n"
      "    wheel.writestr('box.py', 'answer = 42')\n"
      "    wheel.writestr('box-1.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: box\\nVersion: 1\\n')\n"
      "    wheel.writestr('box-1.dist-info/WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: "
      "py3-none-any\\n')\n"
      "    wheel.writestr('box-1.dist-info/RECORD', "
      "'box.py,,\\nbox-1.dist-info/METADATA,,\\nbox-1.dist-info/WHEEL,,\\nbox-1.dist-info/RECORD,,\\n')\n";

  CHECK(inside.as_daytona("python3 - <<'E'\n" + make_wheel +
                          "E\npip install -q --no-index ./box-1-py3-none-any.whl 2>&1 | grep -i error; python -c "
                          "'import box; print(box.answer)'") == "42\n");
}

TEST_CASE("npm installs a package, git keeps a history, node and python have threads and child processes") {
  escape_fixture inside;

  CHECK(inside.as_daytona("mkdir -p box app; echo '{\"name\":\"box\",\"version\":\"1.0.0\"}' > box/package.json; echo "
                          "'module.exports = 42' > "
                          "box/index.js\ncd app; npm init -y >/dev/null; npm install --offline --no-audit --no-fund "
                          "../box >/dev/null 2>&1; node -e "
                          "'console.log(require(\"box\"))'") == "42\n");
  CHECK(inside.as_daytona("git init -q repo; cd repo; echo one > file; git add file; git -c user.name=me -c "
                          "user.email=me@example.com commit "
                          "-qm first; git log --format=%s; git status --short") == "first\n");
  CHECK(inside.as_daytona("node -e 'new (require(\"worker_threads\").Worker)(\"console.log(1)\", {eval: true}); "
                          "console.log(require(\"child_process\").execSync(\"echo 2\").toString().trim())' | sort") ==
        "1\n2\n");
  CHECK(inside.as_daytona("python3 -c 'import threading, subprocess, multiprocessing as m; t = "
                          "threading.Thread(target=print, args=(1,)); t.start(); "
                          "t.join(); print(m.Pool(2).map(abs, [-2]), subprocess.check_output([\"echo\", \"3\"]))'") ==
        "1\n[2] b'3\\n'\n");
}

}  // namespace daytona::local::test
