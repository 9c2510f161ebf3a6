// One defect for each sanitizer, so that `./dev sanitize` can show that it would notice.
#include <climits>
#include <cstdio>
#include <string_view>
#include <thread>

namespace {

int read_after_delete() {
  volatile int* number = new int{1};
  delete number;
  return *number;
}

int overflow(int number) { return INT_MAX + number; }

int forget_memory() {
  volatile char* forgotten = new char[16];
  forgotten[0] = 1;
  forgotten = nullptr;
  return 0;
}

int race() {
  int shared = 0;
  std::thread writer{[&] { ++shared; }};
  ++shared;
  writer.join();
  return shared;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view defect = argc == 2 ? argv[1] : "";
  int result = 0;
  if (defect == "heap") result = read_after_delete();
  if (defect == "undefined") result = overflow(argc);
  if (defect == "leak") result = forget_memory();
  if (defect == "race") result = race();
  std::printf("%s: %d, and nobody noticed\n", argv[0], result);
}
