// What a toolbox reads and writes about files, apart from any file.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "local/toolbox/files/byte_ranges.hpp"
#include "local/toolbox/files/content_headers.hpp"
#include "local/toolbox/files/file_changes.hpp"
#include "local/toolbox/files/file_details.hpp"
#include "local/toolbox/files/multipart_parser.hpp"
#include "local/toolbox/files/name_pattern.hpp"
#include "local/toolbox/files/paths.hpp"
#include "local/toolbox/files/text_replacement.hpp"

namespace daytona::local::toolbox {

namespace {

using event = multipart_parser::event;

bool matches(std::string_view pattern, std::string_view name) {
  const auto parsed = name_pattern::parse(pattern);
  return parsed && parsed->matches(name);
}

/// The parts of a form as `name=content`, and how it ended.
struct taken_apart {
  std::vector<std::string> parts;
  event end = event::needs_more;
};

taken_apart take_apart(std::string_view body, std::string_view boundary, std::size_t piece) {
  taken_apart result;
  multipart_parser parser{boundary};
  for (;;) {
    const event found = parser.next();
    if (found == event::part) result.parts.push_back(parser.part().name + "=");
    if (found == event::data) result.parts.back() += parser.data();
    result.end = found;
    if (found == event::end || found == event::malformed) return result;
    if (found != event::needs_more) continue;
    if (body.empty()) return result;
    parser.put(body.substr(0, piece));
    body.remove_prefix(std::min(piece, body.size()));
  }
}

std::string part(const std::string& name, const std::string& content) {
  return "--B\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + content + "\r\n";
}

std::string told(const wanted_ranges& wanted) {
  std::string text;
  for (const auto& each : wanted.parts) text += std::to_string(each.start) + "+" + std::to_string(each.length) + " ";
  switch (wanted.is) {
    case wanted_ranges::kind::whole:
      return "whole";
    case wanted_ranges::kind::none:
      return "none";
    case wanted_ranges::kind::malformed:
      return "malformed";
    case wanted_ranges::kind::parts:
      break;
  }
  return text;
}

}  // namespace

TEST_CASE("F2: a form is taken apart the same however its bytes are split, look-alikes of its boundary included") {
  const std::string content = "\r\n--Bx\r\n-\r\n--\r\n--b--\r\r\n--B\r-";
  const std::string body =
      "before\r\n--Bn\r\n" + part("a", "") + part("b", content) + part("c", "x") + "--B--\r\nafter";
  for (std::size_t piece = 1; piece <= body.size(); ++piece) {
    const auto result = take_apart(body, "B", piece);
    CAPTURE(piece);
    CHECK(result.end == event::end);
    CHECK(result.parts == std::vector<std::string>{"a=", "b=" + content, "c=x"});
  }
}

TEST_CASE("F1: a form that is cut anywhere before its last boundary has no end") {
  const std::string body = part("a", "1") + part("b", "22") + "--B--";
  for (std::size_t size = 0; size < body.size(); ++size)
    CHECK(take_apart(std::string_view{body}.substr(0, size), "B", 7).end == event::needs_more);
  CHECK(take_apart(body, "B", 7).end == event::end);
}

TEST_CASE("a part's head without an end is malformed, and is not collected") {
  CHECK(take_apart("--B\r\nX: " + std::string(20'000, 'x'), "B", 1024).end == event::malformed);
  CHECK(take_apart("--B" + std::string(300, ' '), "B", 64).end == event::malformed);
}

TEST_CASE("F4: a part's name is read with its escapes, and its boundary from the content type") {
  CHECK(parse_part_head("Content-Type: a\r\ncontent-disposition: form-data; filename=\"x\"; name=\"a\\\"b\\\\;c\"")
            .name == "a\"b\\;c");
  CHECK(parse_part_head("Content-Disposition: form-data; name=plain; filename*=utf-8''x").has_filename);
  CHECK_FALSE(parse_part_head("Content-Disposition: form-data; name=\"filename\"").has_filename);
  CHECK(form_boundary("multipart/form-data; boundary=\"a b\"; x=y") == "a b");
  CHECK(form_boundary("Multipart/Form-Data;charset=x; Boundary=abc") == "abc");
  for (const char* none :
       {"", "application/json", "multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=x"})
    CHECK_FALSE(form_boundary(none));
}

TEST_CASE("patterns of names match as those of shells") {
  for (const char* name : {"", "a", "a.py", "\xff", "hé"}) CHECK(matches("*", name));
  CHECK(matches("*.py", "a.py"));
  CHECK(matches("?.py", "é.py"));
  CHECK(matches("?", "\xff"));
  CHECK(matches("[a-f]*", "dots"));
  CHECK(matches("[^a-z]", "Z"));
  CHECK(matches("br\\[a\\].txt", "br[a].txt"));
  CHECK(matches("*a*b*c", "xxaxbxbxc"));
  CHECK_FALSE(matches("*.py", "a.pyc"));
  CHECK_FALSE(matches("A", "a"));
  CHECK_FALSE(matches("[^a]", "a"));
  CHECK_FALSE(matches("a", ""));
  for (const char* malformed : {"[", "[a", "[]", "[]a]", "[a-]", "[-a]", "a\\", "[^", "[\\"})
    CHECK_FALSE(name_pattern::parse(malformed));
}

TEST_CASE("a pattern of many stars is matched in time in proportion") {
  std::string pattern;
  for (int n = 0; n < 100; ++n) pattern += "*a";
  CHECK_FALSE(matches(pattern + "b", std::string(5'000, 'a')));
}

TEST_CASE("ranges are read as HTTP has them") {
  CHECK(told(parse_ranges("", 16)) == "whole");
  CHECK(told(parse_ranges("bytes=0-3", 16)) == "0+4 ");
  CHECK(told(parse_ranges("bytes=6-", 16)) == "6+10 ");
  CHECK(told(parse_ranges("bytes=-4", 16)) == "12+4 ");
  CHECK(told(parse_ranges("bytes=-99", 16)) == "0+16 ");
  CHECK(told(parse_ranges("bytes=10-99999999999999999999", 16)) == "malformed");
  CHECK(told(parse_ranges("bytes=10-100", 16)) == "10+6 ");
  CHECK(told(parse_ranges("bytes=0-1, 4-5,", 16)) == "0+2 4+2 ");
  CHECK(told(parse_ranges("bytes=0-15,0-15", 16)) == "whole");
  CHECK(told(parse_ranges("bytes=100-", 16)) == "none");
  CHECK(told(parse_ranges("bytes=0-", 0)) == "whole");
  for (const char* malformed : {"bytes=z", "lines=1-2", "bytes=1", "bytes=-", "bytes=5-4", "bytes=1-2x", "bytes=--1"})
    CHECK(told(parse_ranges(malformed, 16)) == "malformed");
}

TEST_CASE("F4: names in headers keep all their bytes, and end no line") {
  CHECK(filename_parameters("a.txt") == "filename=\"a.txt\"; filename*=utf-8''a.txt");
  CHECK(filename_parameters("h\xc3\xa9 \xe2\x82\xac") == "filename=\"h\xe9 _\"; filename*=utf-8''h%C3%A9%20%E2%82%AC");
  CHECK(filename_parameters("q\"b\\\r\nX: y") ==
        "filename=\"q\\\"b\\\\X: y\"; filename*=utf-8''q%22b%5C%0D%0AX%3A%20y");
  CHECK(filename_parameters("\xff\x01\xc2\x85") == "filename=\"___\"; filename*=utf-8''%FF%01%C2%85");
  CHECK(media_type("/a.b/x.tar.gz") == "application/gzip");
  CHECK(media_type("x.unknown") == "application/octet-stream");
  CHECK(media_type("/a.txt/x") == "application/octet-stream");
}

TEST_CASE("a text is replaced the same however the bytes around it are split") {
  const std::string text = "aab aaab abaabaab" + std::string{"\0\xff", 2} + "aa";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    text_replacer replacer{"aab", "<>"};
    std::string result;
    for (std::size_t at = 0; at < text.size(); at += piece)
      result += replacer.put(std::string_view{text}.substr(at, piece));
    CHECK(result + replacer.finish() == "<> a<> ab<><>" + std::string{"\0\xff", 2} + "aa");
  }
}

TEST_CASE("a file's mode and time are written as Daytona's toolbox does") {
  CHECK(mode_text(S_IFREG | 0644) == "-rw-r--r--");
  CHECK(mode_text(S_IFDIR | 01777) == "dtrwxrwxrwx");
  CHECK(mode_text(S_IFREG | 06755) == "ugrwxr-xr-x");
  CHECK(mode_text(S_IFCHR | 0666) == "Dcrw-rw-rw-");
  CHECK(mode_text(S_IFIFO | 0600) == "prw-------");
  CHECK(mode_text(S_IFSOCK | 0755) == "Srwxr-xr-x");
  CHECK(mode_text(S_IFLNK | 0777) == "Lrwxrwxrwx");
  const timespec time{1741064767, 89'123'400};
  CHECK(modified_at_text(time) == "2025-03-04T05:06:07.0891234Z");
  CHECK(modification_time_text(time) == "2025-03-04 05:06:07.0891234 +0000 UTC");
  CHECK(modified_at_text({1741064767, 0}) == "2025-03-04T05:06:07Z");
}

TEST_CASE("paths are taken apart and put together") {
  CHECK(last_part("") == ".");
  CHECK(last_part("///") == "/");
  CHECK(last_part("/a/b/") == "b");
  CHECK(last_part("b") == "b");
  CHECK(path_in(".", "a") == "a");
  CHECK(path_in("/", "a") == "/a");
  CHECK(path_in("d/", "a") == "d/a");
  CHECK(full_path("/a/./b/../c/") == "/a/c");
  CHECK(full_path("/") == "/");
  CHECK(folder_above("a") == ".");
  CHECK(folder_above("/a/b/") == "/a/");
  CHECK(folder_above("/a") == "/");
  CHECK(without_slashes("/a//") == "/a");
  CHECK(without_slashes("//") == "/");
}

TEST_CASE("modes are octal digits, and accounts are found by name or number") {
  CHECK(parse_mode("755") == 0755);
  CHECK(parse_mode("4755") == 0755);
  for (const char* none : {"", "0o755", "9z", "-1", "999", "777777777777"}) CHECK_FALSE(parse_mode(none));
  constexpr std::string_view accounts =
      "root:x:0:0::/root:/bin/sh\n:x:5:\nshort\ndaytona:x:1000:1000::/home/daytona:/bin/bash";
  CHECK(account_id(accounts, "daytona") == 1000U);
  CHECK(account_id(accounts, "33") == 33U);
  for (const char* none : {"nobody", "short", "-1", "1x"}) CHECK_FALSE(account_id(accounts, none));
}

}  // namespace daytona::local::toolbox
