#include "local/isolation/sandbox_environment.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "local/isolation/probe.hpp"
#include "local/isolation/sandbox_process.hpp"

namespace daytona::local {

TEST_CASE("the environment is the sandbox's own, and what was asked for wins") {
  const auto entries =
      sandbox_environment(isolation_mode::shifted, "/data/one", {{"LANG", "de_DE.UTF-8"}, {"MINE", "1"}});
  const auto has = [&](const char* entry) { return std::find(entries.begin(), entries.end(), entry) != entries.end(); };

  CHECK(has("HOME=/home/daytona"));
  CHECK(has("LANG=de_DE.UTF-8"));
  CHECK(has("MINE=1"));
  CHECK(has("https_proxy=http://127.0.0.1:3128"));
}

TEST_CASE("plain processes get the real path of their home and no proxy") {
  const auto entries = sandbox_environment(isolation_mode::none, "/data/one", {});

  CHECK(std::find(entries.begin(), entries.end(), "HOME=/data/one/root/home/daytona") != entries.end());
  CHECK(std::none_of(entries.begin(), entries.end(),
                     [](const auto& entry) { return entry.find("3128") != std::string::npos; }));
}

TEST_CASE("no choice of modes falls to none unless none was asked for") {
  using enum isolation_mode;
  CHECK(admitted_modes(automatic, false) == std::vector{shifted, userns});
  CHECK(admitted_modes(shifted, false) == std::vector{shifted, userns});
  CHECK(admitted_modes(shifted, true) == std::vector{shifted});
  CHECK(admitted_modes(userns, false) == std::vector{userns});
  CHECK(admitted_modes(none, false) == std::vector{none});
}

TEST_CASE("a report of a start names PID 1 and the first failure") {
  const auto report = parse_report("process 123\nfailed mount /proc: Operation not permitted\nfailed later\n");

  CHECK(report.first_process == 123);
  CHECK(report.failure == "mount /proc: Operation not permitted");
  CHECK(parse_report("").first_process == -1);
}

}  // namespace daytona::local
