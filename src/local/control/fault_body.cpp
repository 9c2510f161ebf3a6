#include "local/control/fault_body.hpp"

#include <fmt/format.h>

#include <array>

#include "local/control/body_reader.hpp"

namespace daytona::local {

namespace {

constexpr std::array<std::string_view, 12> members{
    "method", "path",     "skip",    "count", "delayMs",        "endSandboxAfterMs",
    "status", "carryOut", "headers", "body",  "bytesPerSecond", "cutAfter"};

std::optional<std::uint64_t> whole(body_reader& body, std::string_view name) {
  const auto value = body.integer(name);
  if (value && *value < 0) body.violate(fmt::format("{} must not be less than 0", name));
  return value && *value >= 0 ? std::optional{static_cast<std::uint64_t>(*value)} : std::nullopt;
}

std::optional<std::chrono::milliseconds> milliseconds(body_reader& body, std::string_view name) {
  const auto value = whole(body, name);
  return value ? std::optional{std::chrono::milliseconds{*value}} : std::nullopt;
}

}  // namespace

fault read_fault(std::string_view text) {
  body_reader body{text};
  body.allow_only(members);
  fault wanted;
  wanted.method = body.text("method").value_or("");
  wanted.path = body.text("path").value_or(wanted.path);
  wanted.skip = static_cast<std::size_t>(whole(body, "skip").value_or(wanted.skip));
  wanted.count = static_cast<std::size_t>(whole(body, "count").value_or(wanted.count));
  wanted.delay = milliseconds(body, "delayMs").value_or(wanted.delay);
  wanted.end_sandbox_after = milliseconds(body, "endSandboxAfterMs");
  if (const auto status = whole(body, "status")) wanted.status = static_cast<unsigned>(*status);
  wanted.carry_out = body.flag("carryOut").value_or(false);
  for (auto& [name, value] : body.text_map("headers").value_or(std::map<std::string, std::string>{}))
    wanted.headers.emplace_back(name, value);
  wanted.body = body.text("body");
  wanted.bytes_per_second = whole(body, "bytesPerSecond").value_or(0);
  wanted.cut_after = whole(body, "cutAfter");
  body.throw_violations();
  return wanted;
}

}  // namespace daytona::local
