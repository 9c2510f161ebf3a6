#include <boost/json/parse.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

#include "cases.hpp"
#include "programs.hpp"
#include "rounds.hpp"
#include "server_process.hpp"

namespace daytona::bench {

namespace {

constexpr int starts = 15;
constexpr auto output_size = "259";  // in data/execute_290b.json
constexpr double most_cpu_ms = 15;
constexpr double most_memory_mib = 12;

/// How often `words` opens a file below a directory that holds certificates.
double certificate_files_opened(std::vector<std::string> words) {
  const temporary_folder folder;
  const auto trace = (folder.path() / "trace").string();
  std::vector<std::string> traced{"strace", "-f", "-qq", "-e", "trace=open,openat", "-o", trace};
  traced.insert(traced.end(), words.begin(), words.end());
  run_program(std::move(traced));
  std::ifstream lines(trace);
  double count = 0;
  for (std::string line; std::getline(lines, line);)
    if (line.find("/ssl/cert") != std::string::npos) ++count;
  return count;
}

/// `daytona_bench` says it of itself.
double peak_mib_told(const std::string& output) {
  const auto line = boost::json::parse(output).as_object();
  return static_cast<double>(line.at("max_rss_kib").to_number<std::int64_t>()) / 1024;
}

}  // namespace

/// A program that gets one sandbox, runs one command in it and ends: the whole process.
void startup_case(const std::string& program, const sink& tell) {
  const server_process server;
  const auto example = std::filesystem::path(program).replace_filename("daytona_bench").string();
  const std::vector<std::string> words{
      example,    "--case",   "startup", "--url", "http://127.0.0.1:" + std::to_string(server.port()),
      "--output", output_size};
  std::vector<double> cpu_ms, peak_mib;
  for (int i = 0; i < starts; ++i) {
    const auto costs = run_program(words);
    cpu_ms.push_back(costs.cpu_ms);
    peak_mib.push_back(peak_mib_told(costs.output));
  }
  tell({"startup", "get, one exec, end: CPU, median", median(cpu_ms), "ms", {}, {}, goal{most_cpu_ms}});
  tell({"startup",
        "peak memory",
        *std::max_element(peak_mib.begin(), peak_mib.end()),
        "MiB",
        {},
        {},
        goal{most_memory_mib}});
  tell({"startup", "certificates read for http", certificate_files_opened(words), "files", {}, {}, goal{0}});
}

}  // namespace daytona::bench
