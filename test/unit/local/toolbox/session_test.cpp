#include <doctest/doctest.h>

#include <array>
#include <fstream>
#include <random>
#include <system_error>
#include <utility>

#include "kit/temporary_directory.hpp"
#include "local/control/toolbox_settings.hpp"
#include "local/toolbox/process/process_family.hpp"
#include "local/toolbox/session/entrypoint.hpp"
#include "local/toolbox/session/log_file.hpp"
#include "local/toolbox/session/log_labeller.hpp"
#include "local/toolbox/session/log_reader.hpp"
#include "local/toolbox/session/output_format.hpp"
#include "local/toolbox/session/shell_line.hpp"
#include "local/toolbox/settings.hpp"

namespace daytona::local::toolbox {

namespace {

using std::string_literals::operator""s;

constexpr auto out = log_source::stdout_;
constexpr auto err = log_source::stderr_;

http::header_fields version(std::string_view text) {
  http::header_fields headers;
  headers.add("X-Daytona-SDK-Version", text);
  return headers;
}

/// A folder, a budget, and a log in it.
struct log_fixture {
  explicit log_fixture(session_limits limits = session_limits{}) : budget{std::make_shared<log_budget>(limits)} {}
  std::string part(log_part which) const {
    log_part_reader reader{log.open_to_read(), log.size(), which};
    std::string all;
    for (auto piece = reader.next(); !piece.empty(); piece = reader.next()) all += piece;
    return all + reader.rest();
  }

  daytona::test::temporary_directory folder;
  std::shared_ptr<log_budget> budget;
  log_file log{folder.path / "output.log", budget};
};

session_limits limits_of(std::uint64_t log, std::uint64_t all) {
  session_limits limits;
  limits.log_size = log;
  limits.all_logs_size = all;
  limits.free_space = 0;
  return limits;
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

TEST_CASE("a log names the source at the start of each line and where it changes, and keeps every byte") {
  log_labeller labels;
  std::string log;

  labels.append(out, "a\nb", log);
  labels.append(out, "c", log);
  labels.append(err, "E\0\xFF"s, log);
  labels.append(out, "d\r\n", log);
  labels.append(out, "", log);
  labels.append(err, "\n", log);

  CHECK(log == "\x01\x01\x01"s + "a\n" + "\x01\x01\x01" + "bc" + "\x02\x02\x02" + "E\0\xFF"s + "\x01\x01\x01" +
                   "d\r\n" + "\x02\x02\x02" + "\n");
}

TEST_CASE("S1: however two outputs are cut and mixed, their log gives each back whole") {
  std::minstd_rand random{7};
  for (int round = 0; round < 200; ++round) {
    log_labeller labels;
    std::string log;
    std::pair<std::string, std::string> wanted;
    for (int n = 0; n < 40; ++n) {
      const auto source = random() % 2 == 0 ? out : err;
      std::string piece(random() % 6, '\0');
      for (char& byte : piece) byte = "ab\n\0\xFF\r"[random() % 6];
      labels.append(source, piece, log);
      (source == out ? wanted.first : wanted.second) += piece;
    }

    CHECK(demux_log(log) == wanted);
  }
}

TEST_CASE("S1: no message ends within a marker or behind one") {
  const std::string two = "\x01\x01\x01"s + "abc\n" + "\x02\x02\x02" + "de";

  CHECK(message_length(two, true) == two.size());
  CHECK(message_length(two, false) == 7);
  CHECK(message_length("abc\x02\x02\x02"s, false) == 3);
  CHECK(message_length("abc\x01"s, false) == 3);
  CHECK(message_length("abc", false) == 3);
  CHECK(message_length("\x01\x01\x01"s, false) == 3);
}

TEST_CASE("a log is read whole, as one text, or as either output") {
  log_fixture fixture;
  fixture.log.append(out, "x\0y\n"s);
  fixture.log.append(err, "warn\n");
  fixture.log.append(out, std::string(100'000, 'z'));
  fixture.log.append(out, "end\x02\x02"s);

  CHECK(fixture.part(log_part::stdout_) == "x\0y\n"s + std::string(100'000, 'z') + "end\x02\x02");
  CHECK(fixture.part(log_part::stderr_) == "warn\n");
  CHECK(fixture.part(log_part::unmarked) == "x\0y\nwarn\n"s + std::string(100'000, 'z') + "end\x02\x02");
  CHECK(fixture.part(log_part::marked).size() == fixture.log.size());
}

TEST_CASE("a log that has reached its limit takes no more, and says so in its last line") {
  log_fixture fixture{limits_of(1000, 10'000)};
  for (int n = 0; n < 50; ++n) fixture.log.append(out, std::string(99, 'x') + "\n");

  const auto errors = fixture.part(log_part::stderr_);

  CHECK(fixture.part(log_part::stdout_).size() == 900);
  CHECK(errors == "[daytona: the output from here on was left out: a log may have 1000 bytes]\n");
}

TEST_CASE("all logs together have a limit, and a log that is gone makes room") {
  const auto limits = limits_of(1000, 1500);
  log_fixture first{limits};
  first.log.append(out, std::string(900, 'x'));
  {
    log_file second{first.folder.path / "second.log", first.budget};
    second.append(out, std::string(900, 'x'));
    CHECK(second.size() < 900);
  }
  log_file third{first.folder.path / "third.log", first.budget};
  third.append(out, std::string(500, 'x'));
  CHECK(third.size() == 503);
}

TEST_CASE("a log whose file was replaced is not read") {
  log_fixture fixture;
  fixture.log.append(out, "secret of nobody");
  std::filesystem::remove(fixture.folder.path / "output.log");
  std::ofstream{fixture.folder.path / "output.log"} << "another";

  CHECK_THROWS_AS(fixture.log.open_to_read(), std::system_error);
}

TEST_CASE("a log that lost what was in it is a failure, not an end") {
  log_fixture fixture;
  fixture.log.append(out, "some text\n");
  std::filesystem::resize_file(fixture.folder.path / "output.log", 2);
  log_reader reader{fixture.log.open_to_read()};

  CHECK(reader.next(fixture.log.size()).size() == 2);
  CHECK_THROWS_AS(reader.next(fixture.log.size()), std::system_error);
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
