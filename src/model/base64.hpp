#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace daytona::model {

/// The bytes that `text` stands for in the standard alphabet; nothing if it is not base64. Padding may be left out.
std::optional<std::string> decode_base64(std::string_view text);

/// `bytes` in the standard alphabet, padded.
std::string encode_base64(std::string_view bytes);

}  // namespace daytona::model
