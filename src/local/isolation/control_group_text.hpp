#pragma once

#include <string>
#include <string_view>

namespace daytona::local {

/// Whether one of the words between blanks, line ends or commas is `word`.
bool has_word(std::string_view text, std::string_view word);

}  // namespace daytona::local
