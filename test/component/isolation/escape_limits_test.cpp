// The escape list, second half: using up what others need, too.
#include <doctest/doctest.h>
#include <unistd.h>

#include "escape_fixture.hpp"

namespace daytona::local::test {

TEST_CASE("escape: processes of all users together are limited, and the sandbox lives on") {
  escape_fixture inside;
  const std::string threads =
      "import threading, sys\n"
      "threading.stack_size(65536)\n"
      "end = threading.Event()\n"
      "def start():\n"
      "    threading.Thread(target=end.wait, daemon=True).start()\n"
      "count = 0\n"
      "try:\n"
      "    while count < int(sys.argv[1]):\n"
      "        start()\n"
      "        count += 1\n"
      "except RuntimeError:\n"
      "    pass\n"
      "print(count, flush=True)\n"
      "if len(sys.argv) > 2: sys.stdin.read()\n";
  inside.as_daytona("cat > /tmp/threads.py <<'E'\n" + threads + "E\n");

  // One user takes most of them and stays; another one gets what is left.
  const auto counts = inside.as_daytona(
      "mkfifo /tmp/end /tmp/first; python3 /tmp/threads.py 3000 stay < /tmp/end > /tmp/first & exec 9> /tmp/end\n"
      "read count < /tmp/first; echo $count\n" +
      std::string{has_root() ? "sudo -n -u nobody " : ""} + "python3 /tmp/threads.py 5000; exec 9>&-; wait");

  const auto second = std::stoi(counts.substr(counts.find('\n') + 1));
  CHECK(counts.starts_with("3000\n"));
  CHECK(second > 500);
  CHECK(second <= 1096);
  CHECK(inside.as_daytona("echo alive") == "alive\n");
}

TEST_CASE("escape: open files are limited, and no core file is written") {
  escape_fixture inside;
  const std::string program =
      "import os\n"
      "files = []\n"
      "try:\n"
      "    while len(files) < 100000: files.append(os.open('/dev/null', os.O_RDONLY))\n"
      "except OSError as error:\n"
      "    print(error.strerror)\n";

  CHECK(inside.attempt_python(program) == "Too many open files\n");
  CHECK(inside.attempt("ulimit -Hc; ulimit -Hu") == "0\n4096\n");
  CHECK(inside.exit_code("ulimit -n unlimited") != 0);
  CHECK(inside.as_daytona("echo alive") == "alive\n");
}

TEST_CASE("escape: files in memory are limited, in bytes and in number") {
  constexpr std::uint64_t limit = 64 * 1024 * 1024;
  escape_fixture inside{limit};

  CHECK(inside.attempt("head -c 100M /dev/zero > /dev/shm/full; stat -c %s /dev/shm/full; rm /dev/shm/full")
            .find(std::to_string(limit / 2)) != std::string::npos);
  CHECK(inside.attempt("df --output=itotal /dev/shm /run | tail -2 | tr -d ' '") == "65536\n65536\n");
}

TEST_CASE("escape: no process outlives the removal of its sandbox") {
  escape_fixture inside;
  inside.attempt(
      "trap '' TERM INT HUP; (setsid nohup bash -c 'trap \"\" TERM; while :; do sleep 1; done' >/dev/null 2>&1 &)");
  CHECK(descendants(::getpid()).size() >= 3);

  inside.run(inside.helper().remove("one", inside.directory_of("one")));

  CHECK(only_the_helper_is_left());
}

}  // namespace daytona::local::test
