#include "workload.hpp"

#include <stdexcept>

namespace daytona::bench {

std::string_view name_of(workload load) {
  switch (load) {
    case workload::get_small:
      return "300 B object";
    case workload::get_full:
      return "full sandbox object";
    case workload::exec:
      break;
  }
  return "290 B execute answer";
}

std::string_view body_of(workload load) {
  switch (load) {
    case workload::get_small:
      return "object_300b";
    case workload::get_full:
      return "sandbox";
    case workload::exec:
      break;
  }
  return "execute_290b";
}

std::string target_of(workload load) {
  if (load == workload::exec) return "/toolbox/5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59/process/execute";
  return std::string("/api/sandbox/").append(body_of(load));
}

std::unique_ptr<caller> make_caller(std::string_view name, const setting& wanted) {
  if (name == "sdk") return make_sdk(wanted);
  if (name == "beast") return make_beast(wanted);
  if (name == "beast_deadline") return make_beast_with_deadline(wanted);
  if (name == "epoll") return make_epoll(wanted);
  throw std::invalid_argument("there is no caller called " + std::string(name));
}

}  // namespace daytona::bench
