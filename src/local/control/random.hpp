#pragma once

#include <string>
#include <string_view>

namespace daytona::local {

/// A fresh UUID, version 4, lower case.
std::string random_uuid();
/// `bytes` random bytes as lower-case hexadecimal digits.
std::string random_hex(std::size_t bytes);
/// Compares in a time that depends on the lengths alone, so that a secret can't be guessed byte by byte.
bool equal_in_constant_time(std::string_view left, std::string_view right);

}  // namespace daytona::local
