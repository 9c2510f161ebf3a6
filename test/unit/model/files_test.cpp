#include "model/files.hpp"

#include <doctest/doctest.h>

using namespace daytona;
using namespace daytona::model;

TEST_CASE("what a file is can't be guessed: its name, its size and whether it is a folder have to be told") {
  CHECK(from_json<file_info>(R"({"size":1,"isDir":false})").error().what == "name: missing");
  CHECK(from_json<file_info>(R"({"name":"a","isDir":false})").error().what == "size: missing");
  CHECK(from_json<file_info>(R"({"name":"a","size":1})").error().what == "isDir: missing");
  CHECK(from_json<file_info>(R"({"name":"a","size":"1","isDir":false})").has_error());
  CHECK(from_json<replace_result>(R"({"file":"a"})").error().what == "success: missing");
  CHECK(from_json<match>(R"({"file":"a","content":""})").error().what == "line: missing");
}

TEST_CASE("files are told of with nulls and unknown members") {
  const auto info = from_json<file_info>(R"({"name":"a","size":1,"isDir":true,"path":null,"mode":null,"new":{}})");
  const auto found = from_json<search_files_response>(R"({"files":null})");

  REQUIRE(info.has_value());
  CHECK_FALSE(info->path);
  CHECK(info->mode.empty());
  CHECK(found->files.empty());
}
