// The escape list, second half: using up what others need, too.
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

#include "escape_fixture.hpp"
#include "local/isolation/hardening_lists.hpp"

namespace daytona::local::test {

namespace {

/// While it lives, this process and what it starts may have more of something, where this user may allow that: a lower limit of the machine would hide
/// that of sandboxes.
class raised_limit {
 public:
  raised_limit(__rlimit_resource_t what, rlim_t most) : what_{what} {
    ::getrlimit(what_, &before_);
    const rlimit more{before_.rlim_cur, std::max(before_.rlim_max, most)};
    ::setrlimit(what_, &more);
  }
  ~raised_limit() { ::setrlimit(what_, &before_); }
  raised_limit(const raised_limit&) = delete;
  raised_limit& operator=(const raised_limit&) = delete;

  rlim_t now() const {
    rlimit limit{};
    ::getrlimit(what_, &limit);
    return limit.rlim_max;
  }

 private:
  __rlimit_resource_t what_;
  rlimit before_{};
};

}  // namespace

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
  const raised_limit files{RLIMIT_NOFILE, 2 * max_open_files};
  const raised_limit core{RLIMIT_CORE, RLIM_INFINITY};
  escape_fixture inside;
  const std::string program =
      "import os\n"
      "files = []\n"
      "try:\n"
      "    while len(files) < 100000: files.append(os.open('/dev/null', os.O_RDONLY))\n"
      "except OSError as error:\n"
      "    print(error.strerror)\n";

  CHECK(inside.attempt_python(program) == "Too many open files\n");
  const auto hard_limits = "0\n4096\n" + std::to_string(std::min<rlim_t>(max_open_files, files.now())) + "\n";
  CHECK(inside.attempt("ulimit -Hc; ulimit -Hu; ulimit -Hn") == hard_limits);
  CHECK(inside.as_daytona("ulimit -Hc; ulimit -Hu; ulimit -Hn") == hard_limits);  // sudo has limits of its own
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
