#include "local/isolation/file_text.hpp"

#include <doctest/doctest.h>

namespace daytona::local {

TEST_CASE("a file is read to its end, also where the system tells no size of it") {
  const auto text = file_text("/proc/self/smaps");  // of many times what one read takes

  CHECK(text.size() > 16 * 1024);
  CHECK(text.find("VmFlags:") != std::string::npos);
  CHECK(text.ends_with('\n'));
}

TEST_CASE("what can't be opened holds nothing, and no more does what is open and can't be read") {
  CHECK(file_text("/nowhere").empty());
  CHECK(file_text("/proc/self").empty());
  CHECK(file_text("/proc/self/mem").empty());
}

}  // namespace daytona::local
