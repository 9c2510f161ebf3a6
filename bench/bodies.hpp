#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace daytona::bench {

/// A fixed body of an answer, from the file `data/NAME.json`. Its "00000" stand for the server's port, so that the length is the same at any.
std::string body_from_data(std::string_view name, std::uint16_t port);

/// A page of 50 sandboxes, 58 KB, with 16 labels each.
std::string page_of_sandboxes();

}  // namespace daytona::bench
