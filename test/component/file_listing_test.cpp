// Folders of several levels, of servers that list them and of those that list one alone.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "file_answers.hpp"
#include "kit/client_fixture.hpp"

using namespace daytona;
using namespace daytona::test;

namespace {

std::string list_of(const std::vector<std::string>& entries) {
  std::string text;
  for (const auto& one : entries) text += (text.empty() ? "" : ",") + one;
  return "[" + text + "]";
}

std::vector<std::string> paths_of(const std::vector<file_info>& entries) {
  std::vector<std::string> all;
  for (const auto& one : entries) all.push_back(one.path.value_or("-"));
  return all;
}

}  // namespace

TEST_CASE("several levels are asked for at once") {
  client_fixture fixture;
  fixture.script().reply(files_line("GET", "?path=a&depth=3"), 200,
                         list_of({file_entry("b", true, "/w/a/b"), file_entry("c", false, "/w/a/b/c")}));
  fixture.script().reply(files_line("GET", "?path=a"), 200, list_of({file_entry("b", true, "/w/a/b")}));
  fixture.script().reply(files_line("GET", "?path=a&depth=2"), 200, "[]");
  const auto files = fixture.sandbox().fs();

  CHECK(paths_of(fixture.run(files.list_files("a", levels(3))).value()) ==
        std::vector<std::string>{"/w/a/b", "/w/a/b/c"});
  CHECK(fixture.run(files.list_files("a")).value().size() == 1);
  CHECK(fixture.run(files.list_files("a", levels(2))).value().empty());
}

TEST_CASE("a server that lists one level alone is asked folder by folder, no deeper than was asked for") {
  client_fixture fixture;
  fixture.script().reply(files_line("GET", "?path=%2Fa%2F&depth=3"), 200,
                         list_of({file_entry("b", true), file_entry("c", false), file_entry("d", true)}));
  fixture.script().reply(files_line("GET", "?path=%2Fa%2Fb"), 200, list_of({file_entry("e f", true)}));
  fixture.script().reply(files_line("GET", "?path=%2Fa%2Fb%2Fe%20f"), 200, list_of({file_entry("g", true)}));
  fixture.script().reply(files_line("GET", "?path=%2Fa%2Fd"), 200, "[]");

  const auto all = fixture.run(fixture.sandbox().fs().list_files("/a/", levels(3))).value();

  CHECK(paths_of(all) == std::vector<std::string>{"/a/b", "/a/b/e f", "/a/b/e f/g", "/a/c", "/a/d"});
  CHECK(all.at(3).name == "c");
}

TEST_CASE("a folder below that may not be read, is gone or is none any more is listed without what is in it") {
  client_fixture fixture;
  fixture.script().forgiving = true;
  fixture.script().otherwise = [](const std::string&) { return http_answer(200, sandbox_json("started")); };
  fixture.script().reply(files_line("GET", "?path=a&depth=2"), 200,
                         list_of({file_entry("b", true), file_entry("c", true), file_entry("d", true)}));
  fixture.script().reply(files_line("GET", "?path=a%2Fb"), 403, "");
  fixture.script().reply(files_line("GET", "?path=a%2Fc"), 404, "");
  fixture.script().reply(files_line("GET", "?path=a%2Fd"), 400, "");

  const auto all = fixture.run(fixture.sandbox().fs().list_files("a", levels(2)));

  REQUIRE_FALSE(all.failed());
  CHECK(paths_of(all.value()) == std::vector<std::string>{"a/b", "a/c", "a/d"});
}

TEST_CASE("a list of several levels fails if the server does, or the sandbox goes, before the last folder") {
  client_fixture fixture;
  fixture.script().forgiving = true;
  fixture.script().otherwise = [](const std::string&) { return http_answer(200, sandbox_json("destroyed")); };
  fixture.script().reply(files_line("GET", "?path=a&depth=2"), 200, list_of({file_entry("b", true)}));
  fixture.script().reply(files_line("GET", "?path=a%2Fb"), 500, R"({"error":"disk"})");
  fixture.script().reply(files_line("GET", "?path=g&depth=2"), 200, list_of({file_entry("b", true)}));
  fixture.script().reply(files_line("GET", "?path=g%2Fb"), 404, R"({"message":"no such sandbox"})");
  const auto files = fixture.sandbox().fs();

  CHECK(fixture.run(files.list_files("a", levels(2))).error().code() == errc::internal_server_error);
  CHECK(fixture.run(files.list_files("g", levels(2))).error().code() == errc::sandbox_gone);
}
