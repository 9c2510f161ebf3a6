// The chunked coding of a body: what a server may send, and that what was coded is what is read.
#include <fmt/format.h>

#include "answer.hpp"

namespace {

constexpr std::string_view head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

std::string coded(std::string_view body, std::size_t chunk) {
  std::string text{head};
  while (!body.empty()) {
    const auto part = body.substr(0, chunk);
    text += fmt::format("{:x}\r\n{}\r\n", part.size(), part);
    body.remove_prefix(part.size());
  }
  return text + "0\r\n\r\n";
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace daytona::fuzz;
  auto input = text_of(data, size);
  const std::size_t piece = 1 + take_byte(input) % 64;

  check_answer(std::string(head).append(input), piece);

  const auto back = check_answer(coded(input, 1 + piece % 17), piece);
  hold(back.is_whole == (input.size() <= limits.body));
  if (back.is_whole) hold(back.response.body == input && back.rest.empty() && back.keeps_alive);
  return 0;
}
