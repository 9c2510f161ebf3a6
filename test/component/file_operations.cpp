// Files, as far as no content is moved.
#include <string>

#include "operations.hpp"

namespace daytona::test {

namespace {

std::string file_line(std::string_view verb, std::string_view target) {
  return std::string(verb) + " /toolbox/5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59/files" + std::string(target) + " HTTP/1.1";
}

std::function<void(script&)> file_answer(std::string_view verb, std::string_view target, unsigned status,
                                         std::string_view body) {
  return [expected = file_line(verb, target), status, text = std::string(body)](script& plot) {
    plot.reply(expected, status, text);
  };
}

/// Of a server that lists one level alone.
void levels_plan(script& plot) {
  plot.reply(file_line("GET", "?path=a&depth=2"), 200, R"([{"name":"b","isDir":true,"size":0}])");
  plot.reply(file_line("GET", "?path=a%2Fb"), 200, R"([{"name":"c","isDir":false,"size":1}])");
}

file_system files_of(client_fixture& fixture) { return fixture.sandbox().fs(); }

asio::awaitable<void> list_two_levels(client_fixture& fixture) {
  list_files_options options;
  options.depth = 2;
  return discard(files_of(fixture).list_files("a", options));
}

asio::awaitable<void> replace_one(client_fixture& fixture) {
  const std::vector<std::string> files{"a"};
  return discard(files_of(fixture).replace_in_files(files, "x", "y"));
}

}  // namespace

const std::vector<public_operation>& file_operations() {
  static constexpr auto info_text = R"({"name":"a","isDir":false,"size":1})";
  static const std::vector<public_operation> all{
      {"file_system::list_files",
       {file_answer("GET", "?path=a", 200, "[]"), [](auto& with) { return discard(files_of(with).list_files("a")); }}},
      {"file_system::list_files, folder by folder", {levels_plan, list_two_levels}},
      {"file_system::get_file_info",
       {file_answer("GET", "/info?path=a", 200, info_text),
        [](auto& with) { return discard(files_of(with).get_file_info("a")); }}},
      {"file_system::exists",
       {file_answer("GET", "/info?path=a", 200, info_text),
        [](auto& with) { return discard(files_of(with).exists("a")); }}},
      {"file_system::create_folder",
       {file_answer("POST", "/folder?path=a&mode=755", 201, ""),
        [](auto& with) { return files_of(with).create_folder("a", "755"); }}},
      {"file_system::delete_file",
       {file_answer("DELETE", "?path=a", 200, ""), [](auto& with) { return files_of(with).delete_file("a"); }}},
      {"file_system::move_files",
       {file_answer("POST", "/move?source=a&destination=b", 200, ""),
        [](auto& with) { return files_of(with).move_files("a", "b"); }}},
      {"file_system::set_file_permissions",
       {file_answer("POST", "/permissions?path=a", 200, ""),
        [](auto& with) { return files_of(with).set_file_permissions("a"); }}},
      {"file_system::find_files",
       {file_answer("GET", "/find?path=a&pattern=x", 200, "[]"),
        [](auto& with) { return discard(files_of(with).find_files("a", "x")); }}},
      {"file_system::search_files",
       {file_answer("GET", "/search?path=a&pattern=x", 200, R"({"files":[]})"),
        [](auto& with) { return discard(files_of(with).search_files("a", "x")); }}},
      {"file_system::replace_in_files", {file_answer("POST", "/replace", 200, "[]"), replace_one}},
  };
  return all;
}

}  // namespace daytona::test
