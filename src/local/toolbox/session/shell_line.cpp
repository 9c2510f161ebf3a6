#include "local/toolbox/session/shell_line.hpp"

#include <cctype>
#include <charconv>

namespace daytona::local::toolbox {

namespace {

/// What makes the next word the shell's own command.
std::string_view own_command(std::string_view shell) {
  const bool has_builtin = shell.ends_with("bash") || shell.ends_with("zsh");
  return has_builtin ? "\\builtin " : "\\command ";
}

bool stands_for_itself(unsigned char byte) {
  return byte >= 0x80 || std::isalnum(byte) != 0 || byte == '-' || byte == '_' || byte == '.' || byte == ' ';
}

template <class Number>
bool take_number(std::string_view& text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return error == std::errc{};
}

}  // namespace

command_places::command_places(const std::filesystem::path& own_folder)
    : folder{own_folder},
      script{folder / "cmd.sh"},
      log{folder / "output.log"},
      input{folder / "input.pipe"},
      output{folder / "stdout.pipe"},
      errors{folder / "stderr.pipe"} {}

std::string shell_line(std::string_view shell, unsigned number, const command_places& places, bool takes_input) {
  const auto own = own_command(shell);
  const std::string input = takes_input ? places.input.string() : "/dev/null";
  std::string line = "{ ";
  line.append(own).append(". ").append(single_quoted(places.script.string())).append("; }");
  line.append(" <").append(single_quoted(input));
  line.append(" >").append(single_quoted(places.output.string()));
  line.append(" 2>").append(single_quoted(places.errors.string()));
  line.append("; ").append(own).append("printf '%d %d\\n' ").append(std::to_string(number)).append(" \"$?\"\n");
  return line;
}

std::optional<shell_report> parse_shell_report(std::string_view line) {
  shell_report report;
  if (!take_number(line, report.number) || !line.starts_with(' ')) return std::nullopt;
  line.remove_prefix(1);
  if (!take_number(line, report.exit_code) || !line.empty()) return std::nullopt;
  return report;
}

std::string folder_name_of(std::string_view session_id) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string name;
  for (const char each : session_id) {
    const auto byte = static_cast<unsigned char>(each);
    const bool is_special = name.empty() && byte == '.';  // neither `.` nor `..`, nor hidden
    if (stands_for_itself(byte) && !is_special) {
      name += each;
      continue;
    }
    name += '%';
    name += digits[byte >> 4U];
    name += digits[byte & 0x0FU];
  }
  return name;
}

std::string single_quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char each : text) {
    if (each == '\'')
      quoted += "'\\''";
    else
      quoted += each;
  }
  return quoted + "'";
}

}  // namespace daytona::local::toolbox
