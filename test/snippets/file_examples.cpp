// The examples in the comments of file_system.hpp.
#include <fmt/format.h>

#include <string>

#include "examples.hpp"

namespace {

namespace asio = boost::asio;
using daytona::file_system;

/// The files that the examples speak of.
asio::awaitable<void> make_files(daytona::process process) {
  co_await process.exec("mkdir -p src/deep && echo '# TODO: x' > src/a.py && cp src/a.py src/deep && echo a > notes");
}

asio::awaitable<void> list_files(file_system files) {
  // snippet: list_files
  daytona::list_files_options options;
  options.depth = 2;
  auto all = co_await files.list_files("src", options);
  for (const daytona::file_info& file : all) fmt::print("{} {}\n", file.permissions, file.path.value_or(file.name));
  // end
}

asio::awaitable<void> get_file_info(file_system files) {
  // snippet: get_file_info
  daytona::file_info info = co_await files.get_file_info("/etc/hosts");
  fmt::print("{} {} bytes, changed {}\n", info.mode, info.size, info.mod_time);
  if (info.is_dir) fmt::print("a folder\n");
  // end
}

asio::awaitable<void> exists(file_system files) {
  // snippet: exists
  const bool is_there = co_await files.exists("src/a.py");
  if (!is_there) fmt::print("there is no src/a.py\n");
  const bool is_known = co_await files.exists("/etc/hosts");
  // end
  fmt::print("{}\n", is_known);
}

asio::awaitable<void> create_folder(file_system files) {
  // snippet: create_folder
  co_await files.create_folder("results/2025", "755");
  co_await files.create_folder("results/private", "700");
  auto made = co_await files.list_files("results");
  // end
  fmt::print("{}\n", made.size());
}

asio::awaitable<void> delete_file(file_system files) {
  // snippet: delete_file
  co_await files.delete_file("notes.txt");
  daytona::delete_file_options options;
  options.recursive = true;
  co_await files.delete_file("results", options);
  // end
}

asio::awaitable<void> move_files(file_system files) {
  // snippet: move_files
  co_await files.move_files("notes", "notes.txt");
  auto moved = co_await files.get_file_info("notes.txt");
  fmt::print("{} bytes\n", moved.size);
  // end
}

asio::awaitable<void> set_file_permissions(file_system files) {
  // snippet: set_file_permissions
  daytona::set_file_permissions_options options;
  options.mode = "755";
  co_await files.set_file_permissions("src/a.py", options);
  // end
}

asio::awaitable<void> find_files(file_system files) {
  // snippet: find_files
  auto found = co_await files.find_files("src", "TODO:");
  for (const daytona::match& match : found) fmt::print("{}:{}: {}\n", match.file, match.line, match.content);
  if (found.empty()) fmt::print("nothing is left to do\n");
  // end
}

asio::awaitable<void> search_files(file_system files) {
  // snippet: search_files
  auto found = co_await files.search_files("src", "*.py");
  for (const std::string& path : found.files) fmt::print("{}\n", path);
  fmt::print("{} programs\n", found.files.size());
  // end
}

asio::awaitable<void> replace_in_files(file_system files) {
  // snippet: replace_in_files
  auto found = co_await files.search_files("src", "*.py");
  auto results = co_await files.replace_in_files(found.files, "TODO", "DONE");
  for (const daytona::replace_result& result : results)
    if (!result.success) fmt::print("{}: {}\n", result.file, result.error.value_or("not done"));
  // end
}

}  // namespace

std::vector<example> file_examples() {
  return {of("make_files", make_files),
          of("list_files", list_files),
          of("get_file_info", get_file_info),
          of("exists", exists),
          of("create_folder", create_folder),
          of("move_files", move_files),
          of("set_file_permissions", set_file_permissions),
          of("find_files", find_files),
          of("search_files", search_files),
          of("replace_in_files", replace_in_files),
          of("delete_file", delete_file)};
}
