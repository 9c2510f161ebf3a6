#include "local/control/command_line.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

using namespace daytona::local;

namespace {

std::string refused_arguments(const std::vector<std::string_view>& arguments) {
  try {
    parse_command_line(arguments);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("the program's options are read apart and joined by an equals sign") {
  const auto parsed = parse_command_line({"serve",
                                          "--port",
                                          "4000",
                                          "--data-dir=/x",
                                          "--isolation=require:userns",
                                          "--egress-allow",
                                          "localhost:1",
                                          "--egress-allow=localhost:2",
                                          "--max-sandboxes=5",
                                          "--max-contexts=12",
                                          "--max-sessions=6",
                                          "--max-log-size=7",
                                          "--max-logs-size=8",
                                          "--max-ptys=9",
                                          "--max-pty-clients",
                                          "10",
                                          "--max-pty-buffer=11",
                                          "--cgroup=auto",
                                          "--base=/tree",
                                          "--api-key",
                                          "k"});

  CHECK(parsed.what == command_line::action::serve);
  CHECK(parsed.options.port == 4000);
  CHECK(parsed.options.data_directory == "/x");
  CHECK(parsed.options.isolation == isolation_mode::userns);
  CHECK(parsed.options.require_isolation);
  CHECK(parsed.options.egress_allow == std::vector<std::string>{"localhost:1", "localhost:2"});
  CHECK(parsed.options.max_sandboxes == 5);
  CHECK(parsed.options.max_contexts == 12);
  CHECK(parsed.options.max_sessions == 6);
  CHECK(parsed.options.max_log_size == 7);
  CHECK(parsed.options.max_logs_size == 8);
  CHECK(parsed.options.max_ptys == 9);
  CHECK(parsed.options.max_pty_clients == 10);
  CHECK(parsed.options.max_pty_buffer == 11);
  CHECK(parsed.options.cgroup == "auto");
  CHECK(parsed.options.base == "/tree");
  CHECK(parsed.options.api_key == "k");
}

TEST_CASE("status is asked for by its name, with the options of serve") {
  const auto parsed = parse_command_line({"status", "--verbose", "--isolation=userns"});

  CHECK(parsed.what == command_line::action::status);
  CHECK(parsed.verbose);
  CHECK(parsed.options.isolation == isolation_mode::userns);
  CHECK(refused_arguments({"status", "serve"}) == "unexpected argument 'serve'; see daytona-local --help");
}

TEST_CASE("base create takes a place and packages, and nothing else") {
  const auto parsed = parse_command_line({"base", "create", "/tree", "--include=gdb,jq", "--include=file"});

  CHECK(parsed.what == command_line::action::base_create);
  CHECK(parsed.base_path == "/tree");
  CHECK(parsed.packages == std::vector<std::string>{"gdb,jq", "file"});
  CHECK(parse_command_line({"base", "create"}).base_path.empty());
  CHECK(parse_command_line({"base", "create", "--help"}).what == command_line::action::help);
  CHECK(refused_arguments({"base"}).starts_with("say daytona-local base create"));
  CHECK(refused_arguments({"base", "create", "/one", "/two"}).starts_with("unexpected argument '/two'"));
  CHECK(refused_arguments({"base", "create", "--port=1"}).starts_with("unexpected argument '--port=1'"));
}

TEST_CASE("help and version win over everything else") {
  CHECK(parse_command_line({"serve", "--help"}).what == command_line::action::help);
  CHECK(parse_command_line({"--version"}).what == command_line::action::version);
}

TEST_CASE("a wrong argument is refused by name") {
  CHECK(refused_arguments({}).starts_with("say what to do"));
  CHECK(refused_arguments({"serve", "--colour", "red"}).starts_with("unknown option --colour"));
  CHECK(refused_arguments({"serve", "--port"}) == "--port needs a value");
  CHECK(refused_arguments({"serve", "--api-key="}).starts_with("--api-key: the key is empty"));
  CHECK(refused_arguments({"serve", "--verbose"}).starts_with("--verbose belongs to daytona-local status"));
  CHECK(refused_arguments({"serve", "--port", "70000"}).starts_with("--port: '70000' is not a number"));
  CHECK(refused_arguments({"serve", "--isolation=strong"}).starts_with("--isolation: 'strong' is none of"));
  CHECK(refused_arguments({"serve", "twice"}).starts_with("unexpected argument 'twice'"));
}
