#include <doctest/doctest.h>

#include <array>
#include <string_view>
#include <vector>

#include "local/control/toolbox_settings.hpp"
#include "local/toolbox/process/process_family.hpp"
#include "local/toolbox/session/entrypoint.hpp"
#include "local/toolbox/session/output_format.hpp"
#include "local/toolbox/session/shell_line.hpp"
#include "local/toolbox/settings.hpp"

namespace daytona::local::toolbox {

namespace {

http::header_fields version(std::string_view text) {
  http::header_fields headers;
  headers.add("X-Daytona-SDK-Version", text);
  return headers;
}

}  // namespace

TEST_CASE("the format of a session's output follows the version of the client's SDK") {
  CHECK(output_format_of({}) == output_format::combined);
  CHECK(output_format_of(version("")) == output_format::combined);
  CHECK(output_format_of(version("0.26.9")) == output_format::combined);
  CHECK(output_format_of(version("0.27.0")) == output_format::raw);
  CHECK(output_format_of(version("0.27.0-rc.1")) == output_format::raw);
  CHECK(output_format_of(version("0.166.9")) == output_format::raw);
  CHECK(output_format_of(version("abc")) == output_format::raw);
  CHECK(output_format_of(version("0.167.0a1")) == output_format::split);
  CHECK(output_format_of(version("v0.205.0")) == output_format::split);
  CHECK(output_format_of(version("1")) == output_format::split);
  CHECK(output_format_of(version("0.0.0-dev")) == output_format::split);
  CHECK(separate_output_format_of({}) == output_format::raw);
}

TEST_CASE("without a version a client may ask for markers, and a WebSocket's subprotocol may carry the version") {
  http::header_fields split;
  split.add("X-Daytona-Split-Output", "true");
  CHECK(output_format_of(split) == output_format::raw);
  http::header_fields token;
  token.add("Sec-WebSocket-Protocol", "other, X-Daytona-SDK-Version~0.205.1");
  CHECK(output_format_of(token) == output_format::split);
  token.add("X-Daytona-SDK-Version", "0.20.0");
  CHECK(output_format_of(token) == output_format::combined);
}

TEST_CASE("sessions of clients before 0.103 begin at home") {
  CHECK(begins_sessions_at_home(version("0.102.9")));
  CHECK_FALSE(begins_sessions_at_home(version("0.103.0")));
  CHECK_FALSE(begins_sessions_at_home(version("0.0.0-dev")));
  CHECK_FALSE(begins_sessions_at_home(version("abc")));
  CHECK_FALSE(begins_sessions_at_home({}));
}

TEST_CASE("the shell's line names the files of the command in quotes, and asks for its exit code") {
  const command_places places{"/s/it's"};

  CHECK(
      shell_line("/usr/bin/bash", 7, places, false) ==
      R"({ \builtin . '/s/it'\''s/cmd.sh'; } <'/dev/null' >'/s/it'\''s/stdout.pipe' 2>'/s/it'\''s/stderr.pipe'; \builtin printf '%d %d\n' 7 "$?")"
      "\n");
  CHECK(shell_line("/bin/sh", 7, command_places{"/s"}, true)
            .starts_with("{ \\command . '/s/cmd.sh'; } <'/s/input.pipe'"));
}

TEST_CASE("what a shell reports is a number and an exit code, and nothing else is") {
  CHECK(parse_shell_report("7 255")->number == 7);
  CHECK(parse_shell_report("7 255")->exit_code == 255);
  for (const char* other : {"", "7", "7 ", "7 x", " 7 1", "7 1 ", "a 1", "7  1"})
    CHECK_FALSE(parse_shell_report(other));
}

TEST_CASE("a session's folder has a name that no other session has, and that leads nowhere else") {
  CHECK(folder_name_of("build-1.x_y") == "build-1.x_y");
  CHECK(folder_name_of("a b/\xC3\xA9") == "a b%2F\xC3\xA9");
  CHECK(folder_name_of("..") == "%2E.");
  CHECK(folder_name_of("../x") == "%2E.%2Fx");
  CHECK(folder_name_of("%2F") == "%252F");
  CHECK(folder_name_of("a\n'") == "a%0A%27");
}

TEST_CASE(
    "the family of a shell is its session, what descends from it and what its keeper adopted, without what is dead") {
  const auto process = [](pid_t number, pid_t parent, pid_t session, char state = 'S') {
    process_entry entry;
    entry.process = number;
    entry.parent = parent;
    entry.session = session;
    entry.state = state;
    return entry;
  };

  CHECK(family_of({-1, 10}, {process(1, 0, 1), process(10, 1, 10), process(11, 10, 10), process(12, 1, 10),
                             process(13, 11, 13), process(14, 13, 13), process(15, 10, 10, 'Z'), process(20, 1, 20)}) ==
        std::vector<pid_t>{10, 11, 12, 13, 14});
  CHECK(family_of({-1, 10}, {process(12, 1, 10)}) == std::vector<pid_t>{12});
  CHECK(family_of({9, 10}, {process(9, 1, 9), process(10, 9, 10), process(12, 1, 10), process(13, 9, 13),
                            process(14, 13, 13), process(20, 1, 20)}) == std::vector<pid_t>{10, 12, 13, 14});
  CHECK(family_of({9, -1}, {process(9, 1, 9), process(10, 1, 10), process(13, 9, 13)}) == std::vector<pid_t>{13});
}

TEST_CASE("a process is read whatever its name is") {
  const auto read = parse_process("12 (a) S (b) R 3 4 5 0 -1");

  REQUIRE(read);
  CHECK(read->process == 12);
  CHECK(read->state == 'R');
  CHECK(read->parent == 3);
  CHECK(read->session == 5);
  CHECK_FALSE(parse_process(""));
}

TEST_CASE("an entrypoint's arguments are quoted each") {
  CHECK(entrypoint_text({"sh", "-c", "echo it's"}) == R"('sh' '-c' 'echo it'\''s')");
}

TEST_CASE("a toolbox understands what the control plane tells it") {
  server_options options;
  options.max_sessions = 7;
  options.max_log_size = 8;
  options.max_logs_size = 9;
  options.max_ptys = 10;
  options.max_pty_clients = 11;
  options.max_pty_buffer = 12;
  const std::array<std::string_view, 2> entrypoint{"sleep", "in\"finity"};

  const auto read = parse_settings(toolbox_settings(options, entrypoint));

  CHECK(read.entrypoint == std::vector<std::string>{"sleep", "in\"finity"});
  CHECK(read.sessions.sessions == 7);
  CHECK(read.sessions.log_size == 8);
  CHECK(read.sessions.all_logs_size == 9);
  CHECK(read.ptys.ptys == 10);
  CHECK(read.ptys.clients == 11);
  CHECK(read.ptys.buffer == 12);
}

TEST_CASE("settings are taken where they are understood") {
  const auto read =
      parse_settings(R"({"entrypoint":["a","b"],"maxSessions":3,"maxLogSize":10,"maxLogsSize":-1,"new":1})");

  CHECK(read.entrypoint == std::vector<std::string>{"a", "b"});
  CHECK(read.sessions.sessions == 3);
  CHECK(read.sessions.log_size == 10);
  CHECK(read.sessions.all_logs_size == session_limits{}.all_logs_size);
  CHECK(parse_settings("").entrypoint.empty());
  CHECK(parse_settings("[1]").entrypoint.empty());
}

}  // namespace daytona::local::toolbox
