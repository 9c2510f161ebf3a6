#include "local/isolation/hardening_lists.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <set>

namespace daytona::local {

TEST_CASE("an entry of the list is told with what it refuses and with the error") {
  CHECK(to_string(refused_call{"bpf", EPERM}) == "bpf: EPERM");
  CHECK(to_string(refused_call{"socket", ENOSYS, refused_when::equal, 0, 15, "AF_KEY"}) == "socket (AF_KEY): ENOSYS");
}

TEST_CASE("status --verbose prints every refused call, every capability and every path") {
  const std::string text = hardening_text();

  for (const auto& call : refused_calls()) CHECK(text.find(to_string(call)) != std::string::npos);
  for (const auto& kept : kept_capabilities()) CHECK(text.find(kept.name) != std::string::npos);
  for (const char* path : read_only_paths()) CHECK(text.find(path) != std::string::npos);
  for (const char* path : hidden_paths()) CHECK(text.find(path) != std::string::npos);
}

TEST_CASE("no entry is there twice, and each that depends on an argument says on which") {
  std::set<std::string> seen;
  for (const auto& call : refused_calls()) {
    INFO(to_string(call));
    CHECK(seen.insert(to_string(call)).second);
    CHECK((call.error == EPERM || call.error == ENOSYS));
    CHECK((call.when == refused_when::always) == call.note.empty());
  }
}

}  // namespace daytona::local
