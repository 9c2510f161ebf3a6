#include "protocol/shell_quote.hpp"

#include <algorithm>

#include "protocol/arguments.hpp"

namespace daytona::protocol {
namespace {

// '=' is not here: a first word `A=b` would be an assignment.
constexpr bool is_plain(char c) noexcept {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view("_-./,:@%+").find(c) != std::string_view::npos;
}

// Words that a shell takes for its own syntax when they stand first and unquoted.
bool is_reserved(std::string_view word) noexcept {
  constexpr std::string_view words[] = {
      "if",  "then", "else",     "elif",   "fi",   "do",     "done",   "case",    "esac", "while",     "until",
      "for", "in",   "function", "select", "time", "coproc", "repeat", "foreach", "end",  "nocorrect", "noglob"};
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

}  // namespace

std::string shell_quote(std::string_view argument, std::string_view operation) {
  check_argument(argument.find('\0') == std::string_view::npos, operation, "an argument must hold no NUL byte");
  check_text(argument, operation, "an argument");
  const bool is_safe = !argument.empty() && std::all_of(argument.begin(), argument.end(), &is_plain);
  if (is_safe && !is_reserved(argument)) return std::string(argument);

  std::string quoted = "'";
  for (const char c : argument) {
    if (c == '\'')
      quoted.append("'\\''");
    else
      quoted.push_back(c);
  }
  quoted.push_back('\'');
  return quoted;
}

std::string shell_command(const std::vector<std::string>& argv, std::string_view operation) {
  check_argument(!argv.empty() && !argv.front().empty(), operation, "argv must begin with the program to run");
  std::string command;
  for (const std::string& argument : argv) {
    if (!command.empty()) command.push_back(' ');
    command.append(shell_quote(argument, operation));
  }
  return command;
}

}  // namespace daytona::protocol
