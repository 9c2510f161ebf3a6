#include "allocations.hpp"

#include <atomic>
#include <cstdlib>

// glibc lets a program put its own functions in the place of malloc and reach the original ones by these names.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* memory);
}

namespace {
std::atomic<std::size_t> count{0};
std::atomic<std::ptrdiff_t> alive{0};

void* counted(void* memory) noexcept {
  count.fetch_add(1, std::memory_order_relaxed);
  alive.fetch_add(1, std::memory_order_relaxed);
  return memory;
}
}  // namespace

extern "C" {

void* malloc(std::size_t size) noexcept { return counted(__libc_malloc(size)); }

void* calloc(std::size_t members, std::size_t size) noexcept { return counted(__libc_calloc(members, size)); }

// Asio's own memory, that of coroutines among it.
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  return counted(__libc_memalign(alignment, size));
}

void* realloc(void* memory, std::size_t size) noexcept {
  if (memory != nullptr) alive.fetch_sub(1, std::memory_order_relaxed);
  return counted(__libc_realloc(memory, size));
}

void free(void* memory) noexcept {
  if (memory != nullptr) alive.fetch_sub(1, std::memory_order_relaxed);
  __libc_free(memory);
}
}

namespace daytona::bench {

std::size_t allocations() noexcept { return count.load(std::memory_order_relaxed); }
std::ptrdiff_t live_allocations() noexcept { return alive.load(std::memory_order_relaxed); }

}  // namespace daytona::bench
