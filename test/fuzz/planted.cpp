// A defect that is there to be found, behind a word that no corpus has: a read behind the end of an allocation. fuzz_test.py expects that it is reported.
#include <vector>

#include "fuzz.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = daytona::fuzz::text_of(data, size);
  const std::vector<char> copy(input.begin(), input.end());
  const bool is_it = size > 2 && input[0] == 'b' && input[1] == 'u' && input[2] == 'g';
  const volatile char* const end = copy.data() + size;
  if (is_it) daytona::fuzz::hold(*end == *end);
  return 0;
}
