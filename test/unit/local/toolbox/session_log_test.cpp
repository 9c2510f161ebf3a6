#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <fstream>
#include <random>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "kit/temporary_directory.hpp"
#include "local/toolbox/session/log_file.hpp"
#include "local/toolbox/session/log_labeller.hpp"
#include "local/toolbox/session/log_reader.hpp"

namespace daytona::local::toolbox {

namespace {

using std::string_literals::operator""s;

constexpr auto out = log_source::stdout_;
constexpr auto err = log_source::stderr_;

/// A folder, a budget, and a log in it.
struct log_fixture {
  explicit log_fixture(session_limits limits = session_limits{}) : budget{std::make_shared<log_budget>(limits)} {
    log.open();
  }
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
    second.open();
    second.append(out, std::string(900, 'x'));
    CHECK(second.size() < 900);
  }
  log_file third{first.folder.path / "third.log", first.budget};
  third.open();
  third.append(out, std::string(500, 'x'));
  CHECK(third.size() == 503);
}

TEST_CASE("a log whose file was replaced is not read") {
  log_fixture fixture;
  fixture.log.append(out, "secret of nobody");
  fixture.log.close();
  std::filesystem::rename(fixture.folder.path / "output.log", fixture.folder.path / "moved.log");
  std::ofstream{fixture.folder.path / "output.log"} << "another";

  CHECK_THROWS_AS(fixture.log.open_to_read(), std::system_error);
}

TEST_CASE("a log that is being written is read whatever becomes of its name") {
  log_fixture fixture;
  fixture.log.append(out, "kept\n");
  std::filesystem::remove(fixture.folder.path / "output.log");

  CHECK(fixture.part(log_part::stdout_) == "kept\n");
}

TEST_CASE("a log in whose place another file is, of whatever kind, is opened neither to be written nor to be read") {
  const std::vector<void (*)(const std::filesystem::path&)> replacements = {
      [](const auto&) {},
      [](const auto& place) { std::ofstream{place} << "another"; },
      [](const auto& place) { std::filesystem::create_symlink("moved.log", place); },
      [](const auto& place) { std::filesystem::create_directory(place); },
      [](const auto& place) { REQUIRE(::mkfifo(place.c_str(), 0600) == 0); },
  };
  for (const auto& replace : replacements) {
    CAPTURE(&replace - replacements.data());
    const daytona::test::temporary_directory folder;
    const auto place = folder.path / "output.log";
    log_file log{place, std::make_shared<log_budget>(session_limits{})};
    std::filesystem::rename(place, folder.path / "moved.log");
    replace(place);

    CHECK_THROWS_AS(log.open(), std::system_error);
    CHECK_THROWS_AS(log.open_to_read(), std::system_error);
    const unique_fd reader{::open(place.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};  // then a FIFO can be opened
    CHECK_THROWS_AS(log.open(), std::system_error);
  }
}

TEST_CASE("a log that lost what was in it is a failure, not an end") {
  log_fixture fixture;
  fixture.log.append(out, "some text\n");
  std::filesystem::resize_file(fixture.folder.path / "output.log", 2);
  log_reader reader{fixture.log.open_to_read()};

  CHECK(reader.next(fixture.log.size()).size() == 2);
  CHECK_THROWS_AS(reader.next(fixture.log.size()), std::system_error);
}

}  // namespace daytona::local::toolbox
