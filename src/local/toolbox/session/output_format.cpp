#include "local/toolbox/session/output_format.hpp"

#include <charconv>

namespace daytona::local::toolbox {

namespace {

using version_number = std::array<unsigned, 3>;

constexpr version_number first_with_markers{0, 27, 0};
constexpr version_number first_in_work_directory{0, 103, 0};
constexpr version_number first_with_split_answers{0, 167, 0};
constexpr std::string_view version_token = "X-Daytona-SDK-Version~";

std::optional<version_number> parse_version(std::string_view text) {
  if (text.starts_with('v')) text.remove_prefix(1);
  version_number number{};
  for (std::size_t part = 0; part < number.size(); ++part) {
    if (part > 0 && !text.starts_with('.')) break;  // `0.27` is 0.27.0
    if (part > 0) text.remove_prefix(1);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number[part]);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  }
  return number;
}

bool is_development(const client_version& version) { return version.text.find("dev") != std::string::npos; }

}  // namespace

client_version client_version_of(const http::header_fields& headers) {
  client_version version;
  version.text = headers.get("X-Daytona-SDK-Version");
  if (version.text.empty())
    for (const auto token : headers.tokens("Sec-WebSocket-Protocol"))
      if (token.starts_with(version_token)) version.text = token.substr(version_token.size());
  version.number = parse_version(version.text);
  return version;
}

output_format output_format_of(const http::header_fields& headers) {
  const auto version = client_version_of(headers);
  if (version.text.empty())
    return headers.get("X-Daytona-Split-Output") == "true" ? output_format::raw : output_format::combined;
  if (is_development(version)) return output_format::split;
  if (!version.number) return output_format::raw;
  if (*version.number < first_with_markers) return output_format::combined;
  return *version.number < first_with_split_answers ? output_format::raw : output_format::split;
}

output_format separate_output_format_of(const http::header_fields& headers) {
  const auto format = output_format_of(headers);
  return format == output_format::combined ? output_format::raw : format;
}

bool begins_sessions_at_home(const http::header_fields& headers) {
  const auto version = client_version_of(headers);
  return version.text != "0.0.0-dev" && version.number && *version.number < first_in_work_directory;
}

}  // namespace daytona::local::toolbox
