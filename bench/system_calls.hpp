#pragma once

#include <cstddef>

namespace daytona::bench {

/// Calls into the kernel that sockets and event loops make.
struct system_calls {
  std::size_t sends = 0;
  std::size_t receives = 0;        ///< That brought bytes, or the end.
  std::size_t empty_receives = 0;  ///< That found nothing yet.
  std::size_t looks = 0;           ///< At what there is, without taking it.
  std::size_t waits = 0;           ///< For events.
  std::size_t settings = 0;        ///< Of what is waited for: descriptors and timers.

  std::size_t sum() const noexcept { return sends + receives + empty_receives + looks + waits + settings; }
};
system_calls operator-(const system_calls& after, const system_calls& before) noexcept;

/// All that this program made so far.
system_calls system_calls_so_far() noexcept;
/// Those on one of the first 1,024 descriptors.
system_calls system_calls_on(int descriptor) noexcept;

}  // namespace daytona::bench
