#include "local/isolation/sandbox_environment.hpp"

#include "local/isolation/sandbox_plan.hpp"

namespace daytona::local {

namespace {

// Where the toolbox takes the connections that leave the sandbox.
constexpr const char* egress_proxy = "http://127.0.0.1:3128";
constexpr const char* without_proxy = "localhost,127.0.0.1,::1,.localhost";

}  // namespace

std::vector<std::string> sandbox_environment(isolation_mode mode, const std::filesystem::path& directory,
                                             const std::map<std::string, std::string>& extra) {
  std::map<std::string, std::string> all = {
      {"USER", sandbox_user},
      {"LOGNAME", sandbox_user},
      {"HOME", sandbox_home},
      {"SHELL", "/bin/bash"},
      {"PATH", "/home/daytona/.local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
      {"LANG", "C.UTF-8"}};
  if (mode == isolation_mode::none) {
    all["HOME"] = (directory / "root" / "home" / sandbox_user).string();
    all["TMPDIR"] = (directory / "root" / "tmp").string();
    all["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  } else {
    for (const char* name : {"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"}) all[name] = egress_proxy;
    for (const char* name : {"NO_PROXY", "no_proxy"}) all[name] = without_proxy;
  }
  for (const auto& [name, value] : extra) all[name] = value;

  std::vector<std::string> entries;
  entries.reserve(all.size());
  for (const auto& [name, value] : all) entries.push_back(name + "=" + value);
  return entries;
}

}  // namespace daytona::local
