#include "escape_fixture.hpp"

#include <boost/json/object.hpp>

namespace daytona::local::test {

namespace {

std::string as_strongest(const std::string& program, const std::string& input) {
  return (has_root() ? "sudo -n " : "") + program + " 2>&1 <<'END_OF_ATTEMPT'\n" + input + "\nEND_OF_ATTEMPT\n";
}

}  // namespace

escape_fixture::escape_fixture(std::uint64_t memory_limit) : sandbox{launch("one", {}, memory_limit)} {}

std::string escape_fixture::attempt(const std::string& script) {
  return output_of(sandbox, as_strongest("bash -s", script));
}

std::string escape_fixture::attempt_python(const std::string& program) {
  return output_of(sandbox, as_strongest("python3 -", program));
}

std::int64_t escape_fixture::exit_code(const std::string& script) {
  return run(execute(sandbox, as_strongest("bash -s", script))).at("exitCode").as_int64();
}

}  // namespace daytona::local::test
