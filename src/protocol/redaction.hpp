#pragma once

#include <span>
#include <string>
#include <string_view>

namespace daytona::protocol {

/// A URL as logs and errors may show it: without user, password, query and fragment.
std::string redacted_url(std::string_view url);

/// `text` with `<redacted>` in the place of each of `secrets`, wherever it stands. Empty secrets are none.
std::string redacted_text(std::string_view text, std::span<const std::string_view> secrets);

}  // namespace daytona::protocol
