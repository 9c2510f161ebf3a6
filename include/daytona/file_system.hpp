#pragma once

#include <memory>

#include "daytona/detail/export.hpp"

namespace daytona::inline v0 {

namespace detail {
struct sandbox_core;
}

/// Files of one sandbox. A cheap handle that shares the sandbox's state and may outlive every other handle.
class DAYTONA_API file_system {
 private:
  friend class sandbox;
  explicit file_system(std::shared_ptr<detail::sandbox_core> core);
  std::shared_ptr<detail::sandbox_core> core_;
};

}  // namespace daytona::inline v0
