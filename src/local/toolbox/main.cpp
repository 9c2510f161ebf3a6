// daytona-toolbox: the program inside each sandbox, and the helper beside the server that makes the sandboxes. Neither is for people to start.

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "daytona/version.hpp"
#include "local/isolation/helper.hpp"
#include "local/toolbox/daemon.hpp"
#include "local/toolbox/session/session_keeper.hpp"

int main(int argc, char** argv) {
  const std::string_view command = argc > 1 ? argv[1] : "";
  const std::uint64_t memory_limit = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 0;
  if (command == "serve") return daytona::local::toolbox::run_daemon(false, memory_limit);
  if (command == "serve-plain") return daytona::local::toolbox::run_daemon(true, memory_limit);
  if (command == daytona::local::toolbox::keeper_command && argc > 2)
    return daytona::local::toolbox::keep_session(argv[2]);
  if (command == "host-helper") return daytona::local::run_host_helper(3);
  if (command == "--version") {
    std::printf("%s\n", std::string{daytona::version}.c_str());
    return 0;
  }
  std::fputs("daytona-toolbox is started by daytona-local and by programs that embed it; it has no use of its own.\n",
             stderr);
  return 2;
}
