// ./dev bench [--json] [CASE]: measures the client. What, how and the figures so far: README.md.
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "cases.hpp"

namespace {

using namespace daytona::bench;

struct named_case {
  std::string_view name;
  void (*run)(const std::string& program, const sink& tell);
};
constexpr named_case cases[] = {
    {"unary", unary_case},     {"exec", exec_case},
    {"list", list_case},       {"create_delete", create_delete_case},
    {"startup", startup_case}, {"tls", tls_case},
    {"pool", pool_case},       {"idle", idle_case},
    {"peers", peers_case},     {"streams", stream_case},
#ifdef DAYTONA_BENCH_LOCAL
    {"local", local_case},     {"local_streams", local_streams_case},
#endif
};

int usage() {
  std::fputs("usage: bench [--json] [CASE]\ncases:", stderr);
  for (const auto& one : cases) std::fprintf(stderr, " %s", one.name.data());
  std::fputs("\n", stderr);
  return 2;
}

int measure(bool as_json, std::string_view only) {
  std::vector<figure> measured;
  bool found = false;
  const auto program = std::filesystem::read_symlink("/proc/self/exe").string();
  const sink tell = [&](const figure& one) {
    measured.push_back(one);
    if (!as_json) return;
    std::puts(to_json_line(one).c_str());
    std::fflush(stdout);
  };
  for (const auto& one : cases) {
    if (!only.empty() && one.name != only) continue;
    found = true;
    std::fprintf(stderr, "bench: %s …\n", one.name.data());
    one.run(program, tell);
  }
  if (!found) return usage();
  if (!as_json) std::fputs(to_table(measured).c_str(), stdout);
  return 0;
}

}  // namespace

int main(int count, char** values) try {
  std::vector<std::string> words(values + 1, values + count);
  const bool as_json = !words.empty() && words[0] == "--json";
  if (as_json) words.erase(words.begin());
  if (words.size() > 1 || (words.size() == 1 && words[0].starts_with('-'))) return usage();
  return measure(as_json, words.empty() ? "" : words[0]);
} catch (const std::exception& e) {
  std::fprintf(stderr, "bench: %s\n", e.what());
  return 1;
}
