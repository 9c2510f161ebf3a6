#include "local/toolbox/processes_at_rest.hpp"

#include <doctest/doctest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

namespace daytona::local::toolbox {

namespace {

/// A process that sleeps until it is told to, and has told that it does.
class sleeper {
 public:
  sleeper() {
    REQUIRE(::pipe(to_) == 0);
    REQUIRE(::pipe(from_) == 0);
    process = ::fork();
    if (process == 0) answer_for_ever();
    work();
  }
  ~sleeper() {
    ::kill(process, SIGKILL);
    ::waitpid(process, nullptr, 0);
    for (const int end : {to_[0], to_[1], from_[0], from_[1]}) ::close(end);
  }

  /// It has done something, and is at rest again.
  void work() const {
    char byte = 'x';
    REQUIRE(::write(to_[1], &byte, 1) == 1);
    REQUIRE(::read(from_[0], &byte, 1) == 1);
    while (state() != 'S') {
    }
  }

  pid_t process = -1;

 private:
  [[noreturn]] void answer_for_ever() const {
    for (char byte = 0; ::read(to_[0], &byte, 1) == 1;)
      if (::write(from_[1], &byte, 1) != 1) break;
    ::_exit(0);
  }
  char state() const {
    const std::string path = "/proc/" + std::to_string(process) + "/stat";
    FILE* file = std::fopen(path.c_str(), "r");
    char found = 0;
    if (std::fscanf(file, "%*d %*s %c", &found) != 1) found = 0;
    std::fclose(file);
    return found;
  }

  int to_[2] = {-1, -1};
  int from_[2] = {-1, -1};
};

}  // namespace

TEST_CASE("processes that two looks have found, and that have not run since, are at rest until they run") {
  const sleeper one;
  const sleeper other;
  processes_at_rest rest;

  rest.remember({one.process, other.process});
  CHECK_FALSE(rest.still_rest());
  rest.remember({one.process, other.process});
  CHECK(rest.still_rest());
  other.work();
  CHECK_FALSE(rest.still_rest());
  rest.remember({one.process, other.process});
  CHECK_FALSE(rest.still_rest());
  rest.remember({one.process, other.process});
  CHECK(rest.still_rest());
}

TEST_CASE("another process, one that was started by others, or one too many, is no rest") {
  const sleeper one;
  const sleeper other;
  processes_at_rest rest;

  rest.remember({one.process});
  rest.remember({one.process, other.process});
  CHECK_FALSE(rest.still_rest());
  rest.remember({one.process, other.process});
  rest.forget();
  CHECK_FALSE(rest.still_rest());
  for (int n = 0; n < 3; ++n) rest.remember(std::vector<pid_t>(9, one.process));
  CHECK_FALSE(rest.still_rest());
}

}  // namespace daytona::local::toolbox
