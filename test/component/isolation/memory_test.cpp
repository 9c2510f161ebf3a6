#include <doctest/doctest.h>

#include "escape_fixture.hpp"
#include "local/toolbox/memory_use.hpp"

namespace daytona::local::test {

namespace {

constexpr std::uint64_t mebibyte = 1024 * 1024;
constexpr std::uint64_t limit = 256 * mebibyte;

/// Fills memory without end, at most a gibibyte a second, and writes down how far it came, in MiB.
constexpr const char* hog =
    "import os\n"
    "mark = os.open('/tmp/reached', os.O_CREAT | os.O_WRONLY)\n"  // in one write: it may be ended at any point
    "held = []\n"
    "while len(held) < 2048:\n"
    "    held.append(bytearray(1 << 20))\n"
    "    sum(range(50000))\n"
    "    if len(held) % 8 == 0: os.pwrite(mark, b'%4d' % len(held), 0)\n";

}  // namespace

TEST_CASE("escape: a program that fills memory ends near the limit, the caller is told, and the sandbox lives on") {
  escape_fixture inside{limit};

  const auto output = inside.as_daytona(std::string{"python3 - <<'E'\n"} + hog + "E\necho ended $?");

  CHECK_MESSAGE(output.find("ended 137") != std::string::npos, output);
  CHECK_MESSAGE(output.find("[daytona: over the memory limit of 256 MiB: ended python3") != std::string::npos, output);
  const auto reached = std::stoul(inside.as_daytona("cat /tmp/reached"));
  CHECK(reached >= 200);
  CHECK(reached <= 256 + 256);  // documented: what it fills in 20 ms, and while other work keeps the toolbox waiting
}

TEST_CASE("escape: root's programs and many small ones are held to the limit too") {
  escape_fixture inside{limit};

  const auto output = inside.attempt(
      "(for n in $(seq 8); do python3 -c 'held = b\"x\" * (100 << 20); import time; time.sleep(3); print(\"whole\")' & "
      "done; wait) "
      "2>/dev/null | grep -cx whole");

  CHECK(std::stoi(output) <= 2);
  CHECK(output.find("[daytona: over the memory limit") != std::string::npos);
  CHECK(inside.as_daytona("echo alive") == "alive\n");
}

TEST_CASE("what processes share counts once: children of a large program are no reason to end it") {
  escape_fixture inside{limit};

  const auto output = inside.as_daytona(
      "python3 -c 'import os, time; held = b\"x\" * (150 << 20)\n"
      "children = [os.fork() for n in range(1)]\n"
      "time.sleep(1); 0 in children or print(\"whole\")'");

  CHECK(output == "whole\n");
}

TEST_CASE("a sandbox without a limit is not watched") {
  escape_fixture inside;

  CHECK(inside.as_daytona("python3 -c 'held = b\"x\" * (400 << 20); print(len(held) >> 20)'") == "400\n");
}

}  // namespace daytona::local::test
