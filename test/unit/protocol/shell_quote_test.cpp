#include "protocol/shell_quote.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "daytona/error.hpp"

using namespace daytona::protocol;

namespace {

// What a POSIX shell makes of `command`: its standard output.
std::string run_in_shell(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> shell(popen(command.c_str(), "r"), &pclose);
  REQUIRE(shell);
  std::string output;
  std::array<char, 4096> block;
  for (std::size_t count; (count = std::fread(block.data(), 1, block.size(), shell.get())) > 0;)
    output.append(block.data(), count);
  return output;
}

}  // namespace

TEST_CASE("P5: plain words stay as they are, everything else is quoted") {
  CHECK(shell_quote("make") == "make");
  CHECK(shell_quote("/usr/bin/g++") == "/usr/bin/g++");
  CHECK(shell_quote("") == "''");
  CHECK(shell_quote("a b") == "'a b'");
  CHECK(shell_quote("it's") == "'it'\\''s'");
  CHECK(shell_quote("$HOME") == "'$HOME'");
  CHECK(shell_quote("~") == "'~'");
}

TEST_CASE("P5: a program that is called like a word of the shell, or like an assignment, is still a program") {
  CHECK(shell_command({"if", "then"}) == "'if' 'then'");
  CHECK(shell_command({"A=b"}) == "'A=b'");
}

TEST_CASE("P5: arguments arrive in a shell exactly as given") {
  const std::vector<std::string> hostile = {
      "",     " ",     "a  b",  "'",      "\"",  "\\",   "\\n", "line\nbreak", "tab\t", "$HOME",
      "`id`", "$(id)", "a;b",   "a&&b",   "a|b", ">out", "*",   "?",           "[a-z]", "~",
      "#no",  "!",     "{a,b}", "é € 😀", "-n",  "--",   "a=b", "'\\''",       "''",    "\x01\x7F"};
  std::vector<std::string> argv = {"printf", "%s\\0"};
  argv.insert(argv.end(), hostile.begin(), hostile.end());

  const std::string output = run_in_shell(shell_command(argv));

  std::string expected;
  for (const std::string& argument : hostile) expected.append(argument).push_back('\0');
  CHECK(output == expected);
}

TEST_CASE("P5: random arguments arrive in a shell exactly as given") {
  std::mt19937 random(20261123);
  std::uniform_int_distribution<int> character(1, 127);
  std::vector<std::string> argv = {"printf", "%s\\0"};
  std::string expected;
  for (int i = 0; i < 500; ++i) {
    std::string argument(static_cast<std::size_t>(i % 40), ' ');
    for (char& c : argument) c = static_cast<char>(character(random));
    expected.append(argument).push_back('\0');
    argv.push_back(std::move(argument));
  }

  CHECK(run_in_shell(shell_command(argv)) == expected);
}

TEST_CASE("P5: what no program can be given is refused") {
  CHECK_THROWS_AS(shell_quote(std::string("a\0b", 3)), daytona::bad_request_error);
  CHECK_THROWS_AS(shell_quote("\xFF"), daytona::bad_request_error);
  CHECK_THROWS_AS(shell_command({}), daytona::bad_request_error);
  CHECK_THROWS_AS(shell_command({"", "x"}), daytona::bad_request_error);
}
