#pragma once

#include <cstddef>

namespace daytona::model {

/// Memory that a thread keeps for its next document when one is done with it. To free a large block makes glibc tidy up its heap, and give back to the
/// system what the next answer needs again.
void* take_block(std::size_t size);
void give_block_back(void* block, std::size_t size) noexcept;

/// Of the values of a document, whose number it bounds: `boost::container::length_error_t`.
template <class T, std::size_t Most>
struct document_allocator {
  using value_type = T;
  template <class U>
  struct rebind {
    using other = document_allocator<U, Most>;
  };
  document_allocator() = default;
  template <class U>
  // NOLINTNEXTLINE(google-explicit-constructor): as containers rebind
  document_allocator(const document_allocator<U, Most>&) noexcept {}

  T* allocate(std::size_t count) { return static_cast<T*>(take_block(count * sizeof(T))); }
  void deallocate(T* memory, std::size_t count) noexcept { give_block_back(memory, count * sizeof(T)); }
  std::size_t max_size() const noexcept { return Most; }
  bool operator==(const document_allocator&) const noexcept = default;
};

}  // namespace daytona::model
