#include "local/isolation/children.hpp"

#include <signal.h>
#include <sys/wait.h>

#include <fstream>

namespace daytona::local {

std::vector<pid_t> children_of_this_process() {
  std::vector<pid_t> children;
  std::ifstream list{"/proc/thread-self/children"};
  for (pid_t child = 0; list >> child;) children.push_back(child);
  return children;
}

void end_all_children() {
  for (auto children = children_of_this_process(); !children.empty(); children = children_of_this_process()) {
    for (const pid_t child : children) ::kill(child, SIGKILL);
    for (const pid_t child : children) ::waitpid(child, nullptr, 0);
  }
}

}  // namespace daytona::local
