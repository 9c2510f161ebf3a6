#include "allocations.hpp"

#include <atomic>

// glibc lets a program put its own functions in the place of malloc and reach the original ones by these names.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
}

namespace {
std::atomic<std::size_t> count{0};
}

extern "C" {

void* malloc(std::size_t size) {
  count.fetch_add(1, std::memory_order_relaxed);
  return __libc_malloc(size);
}

void* calloc(std::size_t members, std::size_t size) {
  count.fetch_add(1, std::memory_order_relaxed);
  return __libc_calloc(members, size);
}

void* realloc(void* memory, std::size_t size) {
  count.fetch_add(1, std::memory_order_relaxed);
  return __libc_realloc(memory, size);
}
}

namespace daytona::bench {

std::size_t allocations() noexcept { return count.load(std::memory_order_relaxed); }

}  // namespace daytona::bench
