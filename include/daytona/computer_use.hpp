#pragma once

#include <memory>

#include "daytona/detail/export.hpp"

namespace daytona::inline v0 {

namespace detail {
struct sandbox_core;
}

/// The desktop of one sandbox. A cheap handle that shares the sandbox's state and may outlive every other handle.
class DAYTONA_API computer_use {
 private:
  friend class sandbox;
  explicit computer_use(std::shared_ptr<detail::sandbox_core> core);
  std::shared_ptr<detail::sandbox_core> core_;
};

}  // namespace daytona::inline v0
