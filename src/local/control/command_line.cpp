#include "local/control/command_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace daytona::local {
namespace {

[[noreturn]] void refuse(const std::string& message) { throw std::invalid_argument{message}; }

template <class Number>
Number number(std::string_view option, std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    refuse(fmt::format("{}: '{}' is not a number in its range", option, text));
  return value;
}

isolation_mode mode(std::string_view text, std::string_view whole) {
  if (text == "auto") return isolation_mode::automatic;
  if (text == "shifted") return isolation_mode::shifted;
  if (text == "userns") return isolation_mode::userns;
  if (text == "none") return isolation_mode::none;
  refuse(fmt::format("--isolation: '{}' is none of auto, shifted, userns, none, require:MODE", whole));
}

void set_isolation(server_options& options, std::string_view text) {
  constexpr std::string_view require = "require:";
  options.require_isolation = text.starts_with(require);
  options.isolation = mode(options.require_isolation ? text.substr(require.size()) : text, text);
}

void set_option(server_options& options, std::string_view name, std::string_view value) {
  if (name == "--host")
    options.host = value;
  else if (name == "--port")
    options.port = number<std::uint16_t>(name, value);
  else if (name == "--data-dir")
    options.data_directory = value;
  else if (name == "--api-key" && value.empty())
    refuse("--api-key: the key is empty; leave the option out for one of the data directory's own");
  else if (name == "--api-key")
    options.api_key = value;
  else if (name == "--isolation")
    set_isolation(options, value);
  else if (name == "--base")
    options.base = value;
  else if (name == "--cgroup")
    options.cgroup = value;
  else if (name == "--egress-allow")
    options.egress_allow.emplace_back(value);
  else if (name == "--max-sandboxes")
    options.max_sandboxes = number<std::size_t>(name, value);
  else if (name == "--max-contexts")
    options.max_contexts = number<std::size_t>(name, value);
  else if (name == "--max-sessions")
    options.max_sessions = number<std::size_t>(name, value);
  else if (name == "--max-log-size")
    options.max_log_size = number<std::uint64_t>(name, value);
  else if (name == "--max-logs-size")
    options.max_logs_size = number<std::uint64_t>(name, value);
  else if (name == "--max-ptys")
    options.max_ptys = number<std::size_t>(name, value);
  else if (name == "--max-pty-clients")
    options.max_pty_clients = number<std::size_t>(name, value);
  else if (name == "--max-pty-buffer")
    options.max_pty_buffer = number<std::size_t>(name, value);
  else if (name == "--toolbox")
    options.toolbox = value;
  else
    refuse(fmt::format("unknown option {}; see daytona-local --help", name));
}

bool is_one_of(std::string_view text, std::string_view one, std::string_view other) {
  return text == one || text == other;
}

bool is_help(std::string_view argument) { return is_one_of(argument, "--help", "-h") || argument == "help"; }

command_line only(command_line::action what) {
  command_line parsed;
  parsed.what = what;
  return parsed;
}

/// `base create [PATH] [--include=PACKAGE,…]`
command_line parse_base(const std::vector<std::string_view>& words) {
  command_line parsed;
  parsed.what = command_line::action::base_create;
  constexpr std::string_view include = "--include=";
  if (words.size() < 2 || words[1] != "create")
    refuse("say daytona-local base create [PATH]; see daytona-local --help");
  for (auto word = words.begin() + 2; word != words.end(); ++word) {
    if (word->starts_with(include))
      parsed.packages.emplace_back(word->substr(include.size()));
    else if (word->starts_with("-") || !parsed.base_path.empty())
      refuse(fmt::format("unexpected argument '{}'; see daytona-local --help", *word));
    else
      parsed.base_path = *word;
  }
  return parsed;
}

}  // namespace

command_line parse_command_line(const std::vector<std::string_view>& arguments) {
  if (std::ranges::any_of(arguments, is_help)) return only(command_line::action::help);
  if (!arguments.empty() && arguments.front() == "base") return parse_base(arguments);
  command_line parsed;
  bool said = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const auto argument = arguments[i];
    if (argument == "--version") return only(command_line::action::version);
    if (argument == "--allow-remote") {
      parsed.options.allow_remote = true;
    } else if (argument == "--verbose") {
      parsed.verbose = true;
    } else if (argument.starts_with("--")) {
      const auto equals = argument.find('=');
      const bool apart = equals == std::string_view::npos;
      if (apart && i + 1 == arguments.size()) refuse(fmt::format("{} needs a value", argument));
      set_option(parsed.options, argument.substr(0, equals), apart ? arguments[++i] : argument.substr(equals + 1));
    } else if (is_one_of(argument, "serve", "status") && !said) {
      said = true;
      parsed.what = argument == "serve" ? command_line::action::serve : command_line::action::status;
    } else {
      refuse(fmt::format("unexpected argument '{}'; see daytona-local --help", argument));
    }
  }
  if (!said) refuse("say what to do: daytona-local serve; see daytona-local --help");
  if (parsed.verbose && parsed.what != command_line::action::status)
    refuse("--verbose belongs to daytona-local status; serve says what it has to say");
  return parsed;
}

std::string_view help_text() {
  return R"(daytona-local: Daytona's API on one machine, with real processes in real isolation

Usage: daytona-local serve [options]
       daytona-local status [--verbose] [options]    what isolation and limits this machine gives, found out by doing it
       daytona-local base create [PATH] [--include=PACKAGE,…]
                                                     make a Debian tree to make sandboxes of (needs mmdebstrap)

  --host ADDRESS          address to listen on (127.0.0.1)
  --allow-remote          allow an address that other machines can reach
  --port PORT             port, 0 = a free one (0)
  --data-dir DIRECTORY    where sandboxes are kept ($XDG_STATE_HOME/daytona-local)
  --api-key KEY           the key that clients must send (made once per data directory)
  --isolation MODE        auto, shifted, userns, none, or require:MODE (auto: the strongest that works, never none)
  --base host|PATH        what sandboxes are made of: this machine's programs, read-only, or a Debian tree (host)
  --cgroup off|auto|PATH  limit processes, CPU and memory by control groups below this process's own (off)
  --egress-allow H:P      host and port of this machine or its networks that sandboxes may reach; may be repeated
  --max-sandboxes N       sandboxes at once (1000)
  --max-contexts N        contexts of the code interpreter at once in a sandbox, besides the default one (64)
  --max-sessions N        shell sessions at once in a sandbox (256)
  --max-log-size BYTES    of what a session command writes; the rest is left out (2147483648)
  --max-logs-size BYTES   of all that the session commands of a sandbox write (4294967296)
  --max-ptys N            terminals at once in a sandbox (256)
  --max-pty-clients N     connections to one terminal at once (32)
  --max-pty-buffer BYTES  of a terminal's output that wait for a client; its programs wait too, then (262144)
  --toolbox PROGRAM       the program daytona-toolbox
  --help, --version
)";
}

}  // namespace daytona::local
