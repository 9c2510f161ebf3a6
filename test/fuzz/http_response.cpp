// The answer of a server, from its first byte on; the first byte of the input is the size of the pieces it comes in.
#include "answer.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace daytona::fuzz;
  auto input = text_of(data, size);
  const std::size_t piece = 1 + take_byte(input) % 64;
  check_answer(input, piece);
  return 0;
}
