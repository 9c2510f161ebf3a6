#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace daytona::local::toolbox {

/// A part of a file.
struct byte_range {
  std::uint64_t start = 0;
  std::uint64_t length = 0;
};

/// What a `Range` field asks for of a file of some size.
struct wanted_ranges {
  enum class kind {
    whole,  ///< Nothing was asked for, or more than there is.
    parts,  ///< `parts`
    none,   ///< All of them begin behind the file's end.
    malformed,
  };
  kind is = kind::whole;
  std::vector<byte_range> parts;
};

wanted_ranges parse_ranges(std::string_view field, std::uint64_t size);

}  // namespace daytona::local::toolbox
