// Files, against a scripted toolbox.
#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "file_answers.hpp"
#include "kit/client_fixture.hpp"
#include "kit/request_lines.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::string_literals;

namespace {

/// Checks that `call` refuses its arguments at once.
template <class Call>
void check_refused(Call call, std::string_view told) {
  try {
    static_cast<void>(call());
  } catch (const bad_request_error& refused) {
    CHECK(refused.code() == errc::invalid_argument);
    CHECK_MESSAGE(has(refused.what(), told), refused.what());
    return;
  }
  FAIL_CHECK("not refused: " << told);
}

constexpr auto daemon_error =
    R"({"statusCode":404,"message":"file not found: a","code":"FILE_NOT_FOUND","source":"DAYTONA_DAEMON"})";

}  // namespace

TEST_CASE("a file is told of with all that the server says, and without what it does not") {
  client_fixture fixture;
  fixture.script().reply(
      files_line("GET", "/info?path=run.sh"), 200,
      R"({"name":"run.sh","size":9000000000,"mode":"-rwxr-xr-x","modTime":"2025-03-04 05:06:07.09 +0000 UTC","modifiedAt":"2025-03-04T05:06:07.09Z","isDir":false,"owner":"1000","group":"1001","permissions":"0755","path":"/w/run.sh"})");
  fixture.script().reply(files_line("GET", "/info?path=."), 200, R"({"name":".","size":1,"isDir":true,"new":[]})");
  fixture.script().reply(files_line("GET", "/info?path=bad"), 200, R"({"name":"bad","isDir":true})");
  const auto files = fixture.sandbox().fs();

  const auto whole = fixture.run(files.get_file_info("run.sh")).value();
  const auto bare = fixture.run(files.get_file_info(".")).value();
  const auto bad = fixture.run(files.get_file_info("bad"));

  CHECK(whole.name == "run.sh");
  CHECK_FALSE(whole.is_dir);
  CHECK(whole.size == 9'000'000'000);
  CHECK(whole.mode == "-rwxr-xr-x");
  CHECK(whole.mod_time == "2025-03-04 05:06:07.09 +0000 UTC");
  CHECK(whole.modified_at == "2025-03-04T05:06:07.09Z");
  CHECK(whole.owner == "1000");
  CHECK(whole.group == "1001");
  CHECK(whole.permissions == "0755");
  CHECK(whole.path == "/w/run.sh");
  CHECK(bare.is_dir);
  CHECK_FALSE(bare.path);
  CHECK_FALSE(bare.modified_at);
  CHECK(bad.error().code() == errc::invalid_response);
}

TEST_CASE("every byte that a path may hold comes to the server as it is") {
  std::string name, encoded;
  for (int byte = 1; byte < 256; ++byte) {
    const auto c = static_cast<char>(byte);
    constexpr auto digits = "0123456789ABCDEF";
    const bool is_plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
                          c == '.' || c == '_' || c == '~';
    name += c;
    encoded += is_plain ? std::string(1, c) : "%"s + digits[byte / 16] + digits[byte % 16];
  }
  client_fixture fixture;
  fixture.script().reply(files_line("POST", "/move?source=" + encoded + "&destination=" + encoded), 200, "");

  CHECK_FALSE(fixture.run(fixture.sandbox().fs().move_files(name, name)).failed());
}

TEST_CASE("folders are made, files moved, changed and deleted as they are asked to be") {
  client_fixture fixture;
  fixture.script().reply_bytes(files_line("POST", "/folder?path=a%2Fb&mode=0755"),
                               "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
  fixture.script().reply(files_line("POST", "/move?source=a&destination=b%20c"), 200, "");
  fixture.script().reply(files_line("POST", "/permissions?path=a&mode=600&owner=root&group=0"), 200, "");
  fixture.script().reply(files_line("POST", "/permissions?path=a&group=g"), 200, "");
  fixture.script().reply_bytes(files_line("DELETE", "?path=a"), "HTTP/1.1 204 No Content\r\n\r\n");
  fixture.script().reply_bytes(files_line("DELETE", "?path=a&recursive=true"), "HTTP/1.1 204 No Content\r\n\r\n");
  const auto files = fixture.sandbox().fs();
  set_file_permissions_options all, group;
  all.mode = "600";
  all.owner = "root";
  all.group = "0";
  group.group = "g";
  delete_file_options whole;
  whole.recursive = true;

  CHECK_FALSE(fixture.run(files.create_folder("a/b", "0755")).failed());
  CHECK_FALSE(fixture.run(files.move_files("a", "b c")).failed());
  CHECK_FALSE(fixture.run(files.set_file_permissions("a", all)).failed());
  CHECK_FALSE(fixture.run(files.set_file_permissions("a", group)).failed());
  CHECK_FALSE(fixture.run(files.delete_file("a")).failed());
  CHECK_FALSE(fixture.run(files.delete_file("a", whole)).failed());
}

TEST_CASE("texts and names are looked for, and replaced file by file") {
  client_fixture fixture;
  fixture.script().reply(files_line("GET", "/find?path=src&pattern=a.b%2A"), 200,
                         R"([{"file":"src/a.py","line":12,"content":"  a.b*"}])");
  fixture.script().reply(files_line("GET", "/search?path=src&pattern=%2A.py"), 200,
                         R"({"files":["src/a.py","src/s"]})");
  fixture.script().reply(files_line("GET", "/search?path=src&pattern=x"), 200, R"({"files":null})");
  fixture.script().reply(files_line("POST", "/replace"), 200,
                         R"([{"file":"a","success":true},{"file":"b","success":false,"error":"open b: no"}])");
  const auto files = fixture.sandbox().fs();

  const auto lines = fixture.run(files.find_files("src", "a.b*")).value();
  const auto names = fixture.run(files.search_files("src", "*.py")).value();
  const auto none = fixture.run(files.search_files("src", "x")).value();
  const auto results = fixture.run(files.replace_in_files({"a", "b"}, "old\"", "")).value();

  REQUIRE(lines.size() == 1);
  CHECK(lines[0].file == "src/a.py");
  CHECK(lines[0].line == 12);
  CHECK(lines[0].content == "  a.b*");
  CHECK(names.files == std::vector<std::string>{"src/a.py", "src/s"});
  CHECK(none.files.empty());
  CHECK(fixture.script().requests.back().ends_with(R"({"files":["a","b"],"pattern":"old\"","newValue":""})"));
  REQUIRE(results.size() == 2);
  CHECK(results[0].success);
  CHECK_FALSE(results[0].error);
  CHECK(results[1].file == "b");
  CHECK_FALSE(results[1].success);
  CHECK(results[1].error == "open b: no");
}

TEST_CASE("what is missing does not exist, and what can't be known is an error") {
  client_fixture fixture;
  fixture.script().forgiving = true;
  std::string state = "started";
  fixture.script().otherwise = [&](const std::string&) { return http_answer(200, sandbox_json(state)); };
  const auto line = files_line("GET", "/info?path=a");
  fixture.script().reply(line, 200, file_entry("a", false)).reply(line, 404, daemon_error).reply(line, 404, "");
  fixture.script().reply(line, 403, "").reply(line, 400, "").reply(line, 404, "");
  const auto files = fixture.sandbox().fs();

  CHECK(fixture.run(files.exists("a")).value());
  CHECK_FALSE(fixture.run(files.exists("a")).value());
  CHECK_FALSE(fixture.run(files.exists("a")).value());
  CHECK(fixture.run(files.exists("a")).error().code() == errc::forbidden);
  CHECK(fixture.run(files.exists("a")).error().code() == errc::bad_request);
  state = "destroyed";
  CHECK(fixture.run(files.exists("a")).error().code() == errc::sandbox_gone);
}

TEST_CASE("each error that servers tell about files has its code, its class and the server's words") {
  struct told {
    unsigned status;
    const char* code;
    errc expected;
    condition group;
  };
  for (const told& one : {told{404, "FILE_NOT_FOUND", errc::file_not_found, condition::not_found},
                          told{403, "FILE_ACCESS_DENIED", errc::file_access_denied, condition::forbidden},
                          told{400, "INVALID_FILE_PATH", errc::invalid_file_path, condition::bad_request},
                          told{500, "FILE_READ_FAILED", errc::file_read_failed, condition::internal_server_error}}) {
    CAPTURE(one.code);
    client_fixture fixture;
    fixture.script().reply(files_line("DELETE", "?path=a"), one.status,
                           R"({"statusCode":)" + std::to_string(one.status) + R"(,"message":"why: a","code":")" +
                               one.code + R"(","source":"DAYTONA_DAEMON"})");

    const auto end = fixture.run(fixture.sandbox().fs().delete_file("a"));

    CHECK(end.error().code() == one.expected);
    CHECK(end.error().code() == one.group);
    CHECK(std::string(end.error().what()).find("Failed to delete file: ") == 0);
    CHECK(has(end.error().what(), "why: a"));
  }
}

TEST_CASE("a file that was copied but could not be removed at its source is no success") {
  client_fixture fixture;
  const auto line = files_line("POST", "/move?source=a&destination=b");
  fixture.script().reply(
      line, 200,
      R"({"error":"failed to delete source: unlinkat a: permission denied","message":"file copied successfully but source could not be deleted"})");
  fixture.script().reply(line, 200, R"({"message":"moved"})").reply(line, 200, "moved");
  const auto files = fixture.sandbox().fs();

  const auto half = fixture.run(files.move_files("a", "b"));

  CHECK(half.error().code() == errc::file_access_denied);
  CHECK(has(half.error().what(), "still at its source"));
  CHECK(has(half.error().what(), "unlinkat a: permission denied"));
  CHECK_FALSE(fixture.run(files.move_files("a", "b")).failed());
  CHECK_FALSE(fixture.run(files.move_files("a", "b")).failed());
}

TEST_CASE("only what may be asked twice is asked again when an answer is lost") {
  const auto lose = [](const std::function<asio::awaitable<void>(file_system)>& ask, std::string line, bool again) {
    CAPTURE(line);
    client_fixture fixture;
    fixture.script().cut(line);
    if (again) fixture.script().reply(line, 200, "");
    const auto end = fixture.run(ask(fixture.sandbox().fs()));
    CHECK(end.failed() == !again);
  };

  lose([](file_system fs) { return fs.create_folder("a", "755"); }, files_line("POST", "/folder?path=a&mode=755"),
       true);
  lose([](file_system fs) { return fs.set_file_permissions("a"); }, files_line("POST", "/permissions?path=a"), true);
  lose([](file_system fs) { return fs.delete_file("a"); }, files_line("DELETE", "?path=a"), false);
  lose([](file_system fs) { return fs.move_files("a", "b"); }, files_line("POST", "/move?source=a&destination=b"),
       false);
}

TEST_CASE("bad arguments are refused before anything is sent, by name") {
  client_fixture fixture;
  const auto files = fixture.sandbox().fs();
  const auto nul = "a\0b"s;
  set_file_permissions_options mode, owner, group;
  mode.mode = "0o755";
  owner.owner = nul;
  group.group = nul;

  for (const auto& path : {""s, nul}) {
    check_refused([&] { return files.list_files(path); }, "list files: path must");
    check_refused([&] { return files.get_file_info(path); }, "get file info: path must");
    check_refused([&] { return files.exists(path); }, "look for file: path must");
    check_refused([&] { return files.create_folder(path, "755"); }, "create folder: path must");
    check_refused([&] { return files.delete_file(path); }, "delete file: path must");
    check_refused([&] { return files.move_files(path, "a"); }, "move files: source must");
    check_refused([&] { return files.move_files("a", path); }, "move files: destination must");
    check_refused([&] { return files.set_file_permissions(path); }, "set file permissions: path must");
    check_refused([&] { return files.find_files(path, "a"); }, "find in files: path must");
    check_refused([&] { return files.find_files("a", path); }, "find in files: pattern must");
    check_refused([&] { return files.search_files(path, "a"); }, "search files: path must");
    check_refused([&] { return files.search_files("a", path); }, "search files: pattern must");
    check_refused([&] { return files.replace_in_files({"a", path}, "a", "b"); },
                  "replace in files: each of files must");
  }
  for (const auto* bad : {"", "0o755", "789", "-1", "rwx", "17777", " 755"})
    check_refused([&] { return files.create_folder("a", bad); }, "create folder: mode must be octal digits");
  for (const int depth : {0, -1})
    check_refused([&] { return files.list_files("a", levels(depth)); }, "list files: depth must be at least 1");
  check_refused([&] { return files.set_file_permissions("a", mode); },
                "set file permissions: mode must be octal digits");
  check_refused([&] { return files.set_file_permissions("a", owner); }, "set file permissions: owner must");
  check_refused([&] { return files.set_file_permissions("a", group); }, "set file permissions: group must");
  check_refused([&] { return files.replace_in_files({"a"}, "", "b"); }, "replace in files: pattern must not be empty");
  check_refused([&] { return files.replace_in_files({"a"}, "\xff", "b"); }, "pattern must be valid UTF-8");
  check_refused([&] { return files.replace_in_files({"a"}, "a", "\xff"); }, "new_value must be valid UTF-8");
  check_refused([&] { return files.replace_in_files({"\xff"}, "a", "b"); }, "each of files must be valid UTF-8");
  CHECK(fixture.script().requests.empty());
}
