#include "local/control/faults.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "local/http/target.hpp"

namespace daytona::local {
inline namespace v0 {

fault::fault() = default;
injected_fault::injected_fault() = default;

}  // namespace v0

namespace {

void require(bool holds, const char* rule) {
  if (!holds) throw std::invalid_argument{std::string{"fault: "} + rule};
}

// Longer than any test, and short enough for every clock.
bool is_wait(std::chrono::milliseconds time) {
  return time >= std::chrono::milliseconds{0} && time <= std::chrono::hours{24};
}

bool is_field_text(std::string_view text) {
  return std::ranges::none_of(text, [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7F; });
}

void check(const fault& wanted) {
  using std::chrono::milliseconds;
  require(wanted.path.starts_with('/'), "path must begin with a slash");
  const auto rest = wanted.path.find("**");
  require(rest == std::string::npos || (rest + 2 == wanted.path.size() && wanted.path[rest - 1] == '/'),
          "path may hold ** only as its last segment");
  require(!wanted.status || (*wanted.status >= 200 && *wanted.status <= 599), "status must be from 200 to 599");
  require(wanted.status || (!wanted.carry_out && wanted.headers.empty() && !wanted.body),
          "carry_out, headers and body are of the answer with a status: set status too");
  require(is_wait(wanted.delay), "delay must be from 0 to 24 hours");
  require(is_wait(wanted.end_sandbox_after.value_or(milliseconds{0})), "end_sandbox_after must be from 0 to 24 hours");
  for (const auto& [name, value] : wanted.headers)
    require(
        !name.empty() && name.find_first_of(" :\t") == std::string::npos && is_field_text(name) && is_field_text(value),
        "headers must have names without blanks or colons, and neither names nor values line breaks");
}

std::string decoded(std::string_view segment) { return http::percent_decoded(segment).value_or(std::string{segment}); }

}  // namespace

bool matches_path(std::string_view pattern, std::string_view raw_path) {
  const auto wanted = http::path_segments(pattern);
  const auto given = http::path_segments(raw_path);
  for (std::size_t n = 0; n < wanted.size(); ++n) {
    if (wanted[n] == "**") return true;
    if (n >= given.size() || (wanted[n] != "*" && wanted[n] != decoded(given[n]))) return false;
  }
  return wanted.size() == given.size();
}

std::string sandbox_named_by(std::string_view raw_path) {
  const auto segments = http::path_segments(raw_path);
  if (segments.size() >= 2 && segments[0] == "toolbox") return decoded(segments[1]);
  if (segments.size() >= 3 && segments[0] == "api" && segments[1] == "sandbox") return decoded(segments[2]);
  return {};
}

std::string fault_list::add(fault wanted) {
  check(wanted);
  injected_fault added;
  added.id = fmt::format("fault-{}", ++last_);
  added.what = std::move(wanted);
  faults_.push_back(std::move(added));
  return faults_.back().id;
}

bool fault_list::remove(std::string_view id) {
  return std::erase_if(faults_, [&](const auto& each) { return each.id == id; }) > 0;
}

std::optional<fault> fault_list::befall(std::string_view method, std::string_view raw_path) {
  for (auto& each : faults_) {
    if (!each.what.method.empty() && each.what.method != method) continue;
    if (!matches_path(each.what.path, raw_path)) continue;
    if (each.passed < each.what.skip) {
      ++each.passed;
      continue;
    }
    if (each.what.count > 0 && each.befallen >= each.what.count) continue;
    ++each.befallen;
    return each.what;
  }
  return std::nullopt;
}

}  // namespace daytona::local
