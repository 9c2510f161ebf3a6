#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "live.hpp"

using namespace daytona;
using namespace daytona::test;

namespace {

template <class T>
using awaitable = asio::awaitable<T>;

/// The error that `call` ends with.
template <class T>
awaitable<boost::system::error_code> failure_of(awaitable<T> call) {
  boost::system::error_code code;
  try {
    co_await std::move(call);
  } catch (const error& failure) {
    code = failure.code();
  }
  co_return code;
}

awaitable<void> run(sandbox sandbox, std::string command) {
  const auto done = co_await sandbox.process().exec(command);
  CHECK_MESSAGE(done.exit_code == 0, done.result);
}

awaitable<std::string> output_of(sandbox sandbox, std::string command) {
  const auto done = co_await sandbox.process().exec(command);
  co_return done.result;
}

std::vector<std::string> names_of(const std::vector<file_info>& all) {
  std::vector<std::string> names;
  for (const auto& each : all) names.push_back(each.name);
  return names;
}

}  // namespace

TEST_CASE("files are told of as they are, level by level") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    auto files = sandbox.fs();
    co_await run(sandbox,
                 "mkdir -p t/a/b && cd t && echo one > .hidden && echo 12345 > a/five && ln -s a/five link && "
                 "ln -s nowhere broken && touch -d '2020-02-03 04:05:06.1 UTC' a/five && chmod 640 a/five");
    auto one_level = co_await files.list_files("t");
    CHECK(names_of(one_level) == std::vector<std::string>{".hidden", "a", "link"});
    list_files_options deep;
    deep.depth = 2;
    auto two_levels = co_await files.list_files("t", deep);
    CHECK(names_of(two_levels) == std::vector<std::string>{".hidden", "a", "b", "five", "link"});

    auto info = co_await files.get_file_info("t/a/five");
    CHECK(info.name == "five");
    CHECK_FALSE(info.is_dir);
    CHECK(info.size == 6);
    CHECK(info.mode == "-rw-r-----");
    CHECK(info.permissions == "0640");
    CHECK(info.mod_time == "2020-02-03 04:05:06.1 +0000 UTC");
    CHECK(info.modified_at == "2020-02-03T04:05:06.1Z");
    auto owner = co_await output_of(sandbox, "stat -c %u/%g t/a/five");
    CHECK(info.owner + "/" + info.group + "\n" == owner);
    auto home = co_await sandbox.get_work_dir();
    CHECK(info.path == home + "/t/a/five");
    auto link = co_await files.get_file_info("t/link");
    CHECK(link.size == 6);
    auto folder = co_await files.get_file_info("t/a");
    CHECK(folder.is_dir);
  });
}

TEST_CASE("a file of any name is found, told of, moved and deleted") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    auto files = sandbox.fs();
    std::string name = " ";
    for (int byte = 1; byte < 256; ++byte)
      if (byte != '/') name += static_cast<char>(byte);
    name.resize(250);
    co_await files.create_folder(name, "755");
    auto is_there = co_await files.exists(name);
    CHECK(is_there);
    const auto moved = name + "2";
    co_await files.move_files(name, moved);
    is_there = co_await files.exists(name);
    CHECK_FALSE(is_there);
    auto info = co_await files.get_file_info(moved);
    CHECK(info.is_dir);
    delete_file_options recursive;
    recursive.recursive = true;
    co_await files.delete_file(moved, recursive);
    is_there = co_await files.exists(moved);
    CHECK_FALSE(is_there);
  });
}

TEST_CASE("folders are made, moved, changed and deleted, and what stands in the way is told") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    auto files = sandbox.fs();
    co_await files.create_folder("new/deep", "700");
    co_await files.create_folder("new/deep", "755");
    auto made = co_await files.get_file_info("new/deep");
    CHECK(made.permissions == "0700");
    co_await run(sandbox, "echo text > new/file");
    set_file_permissions_options options;
    options.mode = "0600";
    co_await files.set_file_permissions("new/file", options);
    auto changed = co_await files.get_file_info("new/file");
    CHECK(changed.permissions == "0600");
    options.mode.clear();
    options.owner = "no-such-user";
    auto code = co_await failure_of(files.set_file_permissions("new/file", options));
    CHECK(code == condition::bad_request);
    code = co_await failure_of(files.move_files("new/file", "new/deep"));
    CHECK(code == condition::conflict);
    code = co_await failure_of(files.move_files("new/file", "no/such/place"));
    CHECK(code == errc::file_not_found);
    code = co_await failure_of(files.create_folder("new/file", "755"));
    CHECK(code == condition::bad_request);
    code = co_await failure_of(files.delete_file("new"));
    CHECK(code == condition::bad_request);
    co_await files.delete_file("new/file");
    code = co_await failure_of(files.delete_file("new/file"));
    CHECK(code == errc::file_not_found);
    delete_file_options recursive;
    recursive.recursive = true;
    co_await files.delete_file("new", recursive);
    code = co_await failure_of(files.list_files("new"));
    CHECK(code == errc::file_not_found);
    code = co_await failure_of(files.list_files("/etc/passwd"));
    CHECK(code == condition::bad_request);
    code = co_await failure_of(files.exists("/etc/passwd/x"));
    CHECK(code == condition::bad_request);
  });
}

TEST_CASE("texts and names are found where they are, and texts replaced in one file while another can't be") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    auto files = sandbox.fs();
    co_await run(sandbox,
                 "mkdir -p src/deep && printf 'one\\n  old [x]* \\r\\nold [x]*' > src/a.py && "
                 "printf 'OLD [x]*' > src/deep/b.py && printf 'old [x]*\\0' > src/binary");
    auto lines = co_await files.find_files("src", "old [x]*");
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].file == "src/a.py");
    CHECK(lines[0].line == 2);
    CHECK(lines[0].content == "  old [x]* ");
    CHECK(lines[1].line == 3);
    auto programs = co_await files.search_files("src", "?.py");
    std::ranges::sort(programs.files);
    CHECK(programs.files == std::vector<std::string>{"src/a.py", "src/deep/b.py"});
    std::vector<std::string> asked{"src/a.py", "src/none", "src/deep/b.py"};
    auto results = co_await files.replace_in_files(asked, "old [x]*", "$0");
    REQUIRE(results.size() == 3);
    CHECK(results[0].success);
    CHECK_FALSE(results[1].success);
    CHECK(results[1].file == "src/none");
    CHECK(results[1].error.value_or("").find("no such file") != std::string::npos);
    CHECK(results[2].success);
    auto text = co_await output_of(sandbox, "cat src/a.py src/deep/b.py");
    CHECK(text == "one\n  $0 \r\n$0OLD [x]*");
    auto nothing = co_await files.find_files("no-such-folder", "x");
    CHECK(nothing.empty());
  });
}
