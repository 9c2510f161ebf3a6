// A multipart form: any bytes in any pieces, and that what was put into a form is what is read.
#include <algorithm>
#include <string>
#include <vector>

#include "fuzz.hpp"
#include "local/toolbox/files/multipart_parser.hpp"

namespace {

using daytona::local::toolbox::multipart_parser;
using event = multipart_parser::event;

/// The contents of its parts, and how it ended.
struct parts {
  std::vector<std::string> contents;
  event end = event::needs_more;
};

parts take_apart(std::string_view body, std::size_t piece) {
  parts result;
  multipart_parser parser{"fuzz"};
  for (;;) {
    const event found = parser.next();
    result.end = found;
    if (found == event::end || found == event::malformed) return result;
    if (found == event::part) result.contents.emplace_back();
    if (found == event::data) result.contents.back() += parser.data();
    if (found != event::needs_more) continue;
    if (body.empty()) return result;
    parser.put(body.substr(0, piece));
    body.remove_prefix(std::min(piece, body.size()));
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace daytona::fuzz;
  auto input = text_of(data, size);
  const std::size_t piece = 1 + take_byte(input) % 64;

  const auto in_pieces = take_apart(input, piece);
  const auto at_once = take_apart(input, input.size() + 1);
  hold(in_pieces.end == at_once.end && in_pieces.contents == at_once.contents);

  const std::string content{input};
  if (("\r\n" + content + "\r\n").find("\r\n--fuzz") != std::string::npos) return 0;
  const std::string form =
      "--fuzz\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n" + content + "\r\n--fuzz--\r\n";
  const auto back = take_apart(form, piece);
  hold(back.end == event::end && back.contents.size() == 1 && back.contents[0] == content);
  return 0;
}
