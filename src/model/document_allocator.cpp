#include "model/document_allocator.hpp"

#include <new>
#include <utility>

namespace daytona::model {

namespace {

constexpr std::size_t block_size = 120 * 1024;  // for lists of a hundred sandboxes

/// At most one a thread, and gone with it.
struct kept_block {
  kept_block() = default;
  kept_block(const kept_block&) = delete;
  kept_block& operator=(const kept_block&) = delete;
  ~kept_block() { ::operator delete(std::exchange(memory, nullptr)); }

  void* memory = nullptr;
};

kept_block& block_of_thread() {
  thread_local kept_block block;
  return block;
}

}  // namespace

void* take_block(std::size_t size) {
  if (size > block_size) return ::operator new(size);
  auto& kept = block_of_thread().memory;
  return kept != nullptr ? std::exchange(kept, nullptr) : ::operator new(block_size);
}

void give_block_back(void* block, std::size_t size) noexcept {
  auto& kept = block_of_thread().memory;
  if (size > block_size || kept != nullptr)
    ::operator delete(block);
  else
    kept = block;
}

}  // namespace daytona::model
