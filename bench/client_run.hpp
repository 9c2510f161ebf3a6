#pragma once

#include <daytona/client.hpp>

#include <sys/resource.h>

#include <chrono>
#include <string>
#include <string_view>

namespace daytona::bench {

/// The sandbox that the fake server of the comparison has.
inline constexpr std::string_view compared_sandbox = "5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59";

/// What `daytona_bench` was asked for.
struct run_settings {
  std::string name;  ///< Of the case.
  std::string url;
  int callers = 1;
  double warm_up_seconds = 1;
  double seconds = 2;
  std::size_t output_size = 240;   ///< Of the command, as the server sends it.
  std::size_t size = 1024 * 1024;  ///< Of what is streamed.
  std::size_t frame = 4096;        ///< In how large frames.
  int streams = 1;
};

run_settings settings_from(int count, char** words);
client client_for(const run_settings& wanted);

/// A line of /proc/self/status in KiB: VmRSS or VmHWM.
long memory(const std::string& key);
void require(bool holds, const char* what);

/// How much was done and used by a time.
struct moment {
  long calls = 0;
  std::chrono::steady_clock::time_point time = std::chrono::steady_clock::now();
  rusage used{};
};

moment now(long calls_so_far);
double cpu_between(const moment& begin, const moment& end);
double wall_between(const moment& begin, const moment& end);

/// One line of JSON about a window; `more` are further members, each behind a comma.
void print_window(const run_settings& wanted, const moment& begin, const moment& end, long memory_at_begin,
                  const std::string& more = std::string());

}  // namespace daytona::bench
