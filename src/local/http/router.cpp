#include "local/http/router.hpp"

#include <algorithm>

#include "local/http/target.hpp"

namespace daytona::local::http {
namespace {

bool is_parameter(std::string_view segment) { return segment.starts_with('{'); }

bool more_literal(const std::vector<std::string>& left, const std::vector<std::string>& right) {
  return std::ranges::lexicographical_compare(left, right, {}, is_parameter, is_parameter);
}

}  // namespace

void router::add(std::string_view method, std::string_view pattern, route_handler handler) {
  route added{std::string{method}, {}, std::move(handler)};
  for (const auto segment : path_segments(pattern)) added.segments.emplace_back(segment);
  const auto place = std::ranges::upper_bound(routes_, added.segments, more_literal, &route::segments);
  routes_.insert(place, std::move(added));
}

std::optional<router::match> router::find(std::string_view method, std::string_view raw_path) const {
  std::vector<std::string> segments;
  for (const auto segment : path_segments(raw_path)) {
    auto decoded = percent_decoded(segment);
    if (!decoded) return std::nullopt;
    segments.push_back(std::move(*decoded));
  }
  for (const auto& candidate : routes_) {
    if (candidate.method != method || candidate.segments.size() != segments.size()) continue;
    match found{&candidate.handler, {}};
    const auto fits = [&](const std::string& pattern, const std::string& segment) {
      if (!is_parameter(pattern)) return pattern == segment;
      found.parameters.push_back(segment);
      return true;
    };
    if (std::ranges::equal(candidate.segments, segments, fits)) return found;
  }
  return std::nullopt;
}

}  // namespace daytona::local::http
