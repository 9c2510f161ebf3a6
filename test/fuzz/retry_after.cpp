// What the header of an answer says of limits and waits, and the times in it. A line of the input is a field: `name: value`.
#include "protocol/retry_after.hpp"

#include <daytona/error.hpp>

#include "fuzz.hpp"
#include "model/rate_limit.hpp"
#include "protocol/timestamps.hpp"

namespace {

using namespace daytona;
using namespace std::chrono_literals;
using fuzz::hold;

model::header_list fields_of(std::string_view text) {
  model::header_list fields;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    const auto colon = line.find(": ");
    if (colon != std::string_view::npos) fields.emplace_back(line.substr(0, colon), line.substr(colon + 2));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return fields;
}

void check_timestamp(std::string_view text) {
  const auto time = protocol::parse_timestamp(text);
  if (!time) return;
  const auto written = protocol::format_timestamp(*time);
  hold(protocol::parse_timestamp(written) == time);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = fuzz::text_of(data, size);
  const auto fields = fields_of(input);
  for (const auto now :
       {std::chrono::system_clock::time_point(), std::chrono::system_clock::time_point(1'800'000'000s)}) {
    const auto wait = protocol::parse_retry_after(fields, now);
    if (wait) hold(*wait >= 0ms && *wait <= 24h);
  }
  hold(model::rate_limits(fields).size() <= fields.size());
  for (const auto& [name, value] : fields) check_timestamp(value);
  check_timestamp(input);
  return 0;
}
