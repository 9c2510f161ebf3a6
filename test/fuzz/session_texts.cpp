// What a session's shell reports, whose programs may print there too; what the toolbox is told of its sandbox; and the ids of sessions as names of folders.
// The first byte chooses.
#include <string>

#include "fuzz.hpp"
#include "local/toolbox/session/shell_line.hpp"
#include "local/toolbox/settings.hpp"

namespace {

using namespace daytona::local::toolbox;
using daytona::fuzz::hold;

void check_report(std::string_view line) {
  const auto report = parse_shell_report(line);
  if (!report) return;
  const auto again = parse_shell_report(std::to_string(report->number) + " " + std::to_string(report->exit_code));
  hold(again && again->number == report->number && again->exit_code == report->exit_code);
}

void check_settings(std::string_view text) {
  const auto wanted = parse_settings(text);
  hold(wanted.entrypoint.size() <= text.size());
}

void check_folder(std::string_view id) {
  const auto name = folder_name_of(id);
  hold(name.empty() == id.empty());
  hold(name.find('/') == std::string::npos && name.find('\0') == std::string::npos && !name.starts_with('.'));
  const auto quoted = single_quoted(id);
  hold(quoted.size() >= id.size() + 2 && quoted.front() == '\'' && quoted.back() == '\'');
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto input = daytona::fuzz::text_of(data, size);
  switch (daytona::fuzz::take_byte(input) % 3) {
    case 0:
      check_report(input);
      break;
    case 1:
      check_settings(input);
      break;
    default:
      check_folder(input);
  }
  return 0;
}
