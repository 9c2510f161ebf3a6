#include "protocol/redaction.hpp"

#include <algorithm>
#include <vector>

namespace daytona::protocol {

std::string redacted_url(std::string_view url) {
  std::string shown(url.substr(0, url.find_first_of("?#")));
  const auto scheme = shown.find("://");
  if (scheme == std::string::npos) return shown;
  const auto begin = scheme + 3;
  const auto path = shown.find('/', begin);
  const auto user = std::string_view(shown).substr(begin, path - begin).rfind('@');
  if (user != std::string_view::npos) shown.erase(begin, user + 1);
  return shown;
}

std::string redacted_text(std::string_view text, std::span<const std::string_view> secrets) {
  // The longest first: a secret may be part of another.
  std::vector<std::string_view> ordered(secrets.begin(), secrets.end());
  std::sort(ordered.begin(), ordered.end(), [](auto a, auto b) { return a.size() > b.size(); });

  std::string shown;
  while (!text.empty()) {
    const auto found = std::find_if(ordered.begin(), ordered.end(), [&](std::string_view secret) {
      return !secret.empty() && text.starts_with(secret);
    });
    if (found == ordered.end()) {
      shown.push_back(text.front());
      text.remove_prefix(1);
    } else {
      shown.append("<redacted>");
      text.remove_prefix(found->size());
    }
  }
  return shown;
}

}  // namespace daytona::protocol
