#include "workload.hpp"

#include <sys/resource.h>

#include <stdexcept>

#include "rounds.hpp"

namespace daytona::bench {

namespace {

struct description {
  std::string_view name, body, path;
};

const description& of(workload load) {
  static constexpr description small{"300 B object", "object_300b", "/api/sandbox/object_300b"};
  static constexpr description full{"full sandbox object", "sandbox", "/api/sandbox/sandbox"};
  static constexpr description exec{"290 B execute answer", "execute_290b",
                                    "/toolbox/5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59/process/execute"};
  static constexpr description list{"list of 50 sandboxes", "sandboxes_50", "/api/sandbox"};
  static constexpr description create_delete{"create + delete", "create_delete", "/api/sandbox"};
  static constexpr description reconnect{"new connection and call", "closing", "/api/sandbox/closing"};
  switch (load) {
    case workload::get_small:
      return small;
    case workload::get_full:
      return full;
    case workload::exec:
      return exec;
    case workload::list:
      return list;
    case workload::create_delete:
      return create_delete;
    case workload::reconnect:
      break;
  }
  return reconnect;
}

}  // namespace

std::string_view name_of(workload load) { return of(load).name; }
std::string_view body_of(workload load) { return of(load).body; }
std::string_view target_of(workload load) { return of(load).path; }

double caller::cpu_seconds_so_far() const {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return cpu_seconds(usage);
}

std::unique_ptr<caller> make_caller(std::string_view name, const setting& wanted) {
  if (name == "sdk") return make_sdk(wanted);
  if (name == "sdk_tls") return make_sdk_over_tls(wanted);
  if (name == "beast") return make_beast(wanted);
  if (name == "beast_deadline") return make_beast_with_deadline(wanted);
  if (name == "epoll") return make_epoll(wanted);
  if (name == "curl") return make_curl(wanted);
  for (const std::string_view peer : {"undici", "fetch", "axios", "aiohttp"})
    if (name == peer) return make_peer(name, wanted);
  throw std::invalid_argument("there is no caller called " + std::string(name));
}

}  // namespace daytona::bench
