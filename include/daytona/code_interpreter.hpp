#pragma once

#include <memory>

#include "daytona/detail/export.hpp"

namespace daytona::inline v0 {

namespace detail {
struct sandbox_core;
}

/// Python contexts that keep their state, in one sandbox. A cheap handle that shares the sandbox's state and may outlive every other handle.
class DAYTONA_API code_interpreter {
 private:
  friend class sandbox;
  explicit code_interpreter(std::shared_ptr<detail::sandbox_core> core);
  std::shared_ptr<detail::sandbox_core> core_;
};

}  // namespace daytona::inline v0
