#include "local/isolation/id_range.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

#include "local/isolation/file_text.hpp"
#include "local/isolation/setup_failure.hpp"

namespace daytona::local {

namespace {

// Below are the ranges that useradd hands out; the last range must end below the ids that systemd reserves.
constexpr std::uint64_t lowest_base = 0x20000000;
constexpr std::uint64_t highest_base = 0x60000000;

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream{std::string{text}};
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

void append(std::vector<id_range>& all, const std::vector<id_range>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

}  // namespace

std::vector<id_range> parse_subordinate_ids(std::string_view text) {
  std::vector<id_range> ranges;
  for (const auto& line : split(text, '\n')) {
    const auto fields = split(line, ':');
    if (fields.size() != 3) continue;
    const auto first = number(fields[1]);
    const auto count = number(fields[2]);
    if (first && count) ranges.push_back({*first, *count});
  }
  return ranges;
}

std::vector<id_range> parse_account_ids(std::string_view text) {
  std::vector<id_range> ranges;
  for (const auto& line : split(text, '\n')) {
    const auto fields = split(line, ':');
    if (fields.size() < 3) continue;
    if (const auto id = number(fields[2])) ranges.push_back({*id, 1});
  }
  return ranges;
}

std::uint32_t free_id_base(const std::vector<id_range>& taken) {
  const auto overlaps = [](std::uint64_t base, const id_range& range) {
    return base < range.first + range.count && range.first < base + ids_per_sandbox;
  };
  for (std::uint64_t base = lowest_base; base <= highest_base; base += ids_per_sandbox) {
    const bool free =
        std::none_of(taken.begin(), taken.end(), [&](const auto& range) { return overlaps(base, range); });
    if (free) return static_cast<std::uint32_t>(base);
  }
  return 0;
}

std::uint32_t recorded_id_base(const std::filesystem::path& data_directory) {
  const auto record = data_directory / "id-base";
  const auto lines = split(file_text(record), '\n');
  if (!lines.empty())
    if (const auto recorded = number(lines.front());
        recorded && *recorded >= ids_per_sandbox && *recorded <= highest_base)
      return static_cast<std::uint32_t>(*recorded);

  std::vector<id_range> taken;
  for (const char* file : {"/etc/subuid", "/etc/subgid"}) append(taken, parse_subordinate_ids(file_text(file)));
  for (const char* file : {"/etc/passwd", "/etc/group"}) append(taken, parse_account_ids(file_text(file)));
  const std::uint32_t base = free_id_base(taken);
  if (base == 0) throw setup_failure("choose 65536 ids that nobody on this machine has", ENOSPC);

  std::ofstream file{record};
  file << base << '\n' << std::flush;
  if (!file) throw setup_failure("write " + record.string(), EIO);
  return base;
}

}  // namespace daytona::local
