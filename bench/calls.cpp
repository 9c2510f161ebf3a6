// What callgrind looks at: calls CALLER BODY PORT IN_FLIGHT CALLS. Nothing in it counts.
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "workload.hpp"

int main(int count, char** values) try {
  using namespace daytona::bench;
  const std::vector<std::string> words(values + 1, values + count);
  setting wanted;
  for (const auto load : workloads)
    if (body_of(load) == words.at(1)) wanted.load = load;
  wanted.port = static_cast<std::uint16_t>(std::stoul(words.at(2)));
  wanted.in_flight = std::stoul(words.at(3));
  make_caller(words.at(0), wanted)->run(std::stoul(words.at(4)));
  return 0;
} catch (const std::exception& e) {
  std::fprintf(stderr, "calls: %s\n", e.what());
  return 1;
}
