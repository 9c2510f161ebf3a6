#include "client_run.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <stdexcept>

namespace daytona::bench {

namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

}  // namespace

run_settings settings_from(int count, char** words) {
  std::map<std::string, std::string> given;
  for (int i = 1; i + 1 < count; i += 2) given[words[i]] = words[i + 1];
  run_settings wanted;
  wanted.name = given["--case"];
  wanted.url = given["--url"];
  if (given.contains("--c")) wanted.callers = std::stoi(given["--c"]);
  if (given.contains("--warm")) wanted.warm_up_seconds = std::stod(given["--warm"]);
  if (given.contains("--secs")) wanted.seconds = std::stod(given["--secs"]);
  if (given.contains("--output")) wanted.output_size = std::stoul(given["--output"]);
  if (given.contains("--size")) wanted.size = std::stoul(given["--size"]);
  if (given.contains("--frame")) wanted.frame = std::stoul(given["--frame"]);
  if (given.contains("--n")) wanted.streams = std::stoi(given["--n"]);
  return wanted;
}

client client_for(const run_settings& wanted) {
  config settings;
  settings.api_key = "dtn_bench";
  settings.api_url = wanted.url + "/api";
  return client(settings);
}

long memory(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(key + ":")) return std::atol(line.c_str() + key.size() + 1);
  return 0;
}

void require(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

moment now(long calls_so_far) {
  moment here;
  here.calls = calls_so_far;
  ::getrusage(RUSAGE_SELF, &here.used);
  return here;
}

double cpu_between(const moment& begin, const moment& end) {
  return seconds(end.used.ru_utime) + seconds(end.used.ru_stime) - seconds(begin.used.ru_utime) -
         seconds(begin.used.ru_stime);
}

double wall_between(const moment& begin, const moment& end) {
  return std::chrono::duration<double>(end.time - begin.time).count();
}

void print_window(const run_settings& wanted, const moment& begin, const moment& end, long memory_at_begin,
                  const std::string& more) {
  std::printf(
      R"({"case":"%s","n":%ld,"concurrency":%d,"wall_s":%.6f,"cpu_user_s":%.6f,"cpu_sys_s":%.6f,"rss0_kib":%ld,"max_rss_kib":%ld%s})"
      "\n",
      wanted.name.c_str(), end.calls - begin.calls, wanted.callers, wall_between(begin, end),
      seconds(end.used.ru_utime) - seconds(begin.used.ru_utime),
      seconds(end.used.ru_stime) - seconds(begin.used.ru_stime), memory_at_begin, memory("VmHWM"), more.c_str());
}

}  // namespace daytona::bench
