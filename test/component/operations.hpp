#pragma once

#include <string>
#include <vector>

#include "kit/for_each_failure.hpp"

namespace daytona::test {

/// A public operation that suspends, with a conversation it may have.
struct public_operation {
  /// `class::member`, as the public headers declare it: test/support/operations_test.py compares the two. An overload, or another course of the same
  /// operation, is named behind it: `client::create, from an image`.
  std::string name;
  disturbed_operation what;
};

/// Those of sandboxes and of calls.
const std::vector<public_operation>& public_operations();

/// Those of streams and of what they come from.
const std::vector<public_operation>& stream_operations();

/// Those of files.
const std::vector<public_operation>& file_operations();

}  // namespace daytona::test
