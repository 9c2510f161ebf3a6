// A fault as a client describes it to the local backend: what is accepted is what the body says, and befalls as often as it should.
#include <boost/json/parse.hpp>

#include <stdexcept>

#include "fuzz.hpp"
#include "local/control/fault_body.hpp"
#include "local/control/faults.hpp"
#include "local/http/http_error.hpp"

namespace {

using namespace daytona;
using fuzz::hold;

/// A number of the body, which was accepted, and so is none below 0; null counts as not given.
std::int64_t given(const boost::json::object& body, std::string_view name, std::int64_t otherwise) {
  const auto* value = body.if_contains(name);
  if (value == nullptr || value->is_null()) return otherwise;
  const auto number = value->to_number<std::int64_t>();
  hold(number >= 0);
  return number;
}

void check_values(std::string_view text, const local::fault& read) {
  const bool is_blank = text.find_first_not_of(" \t\r\n") == std::string_view::npos;
  const auto root = is_blank ? boost::json::value{} : boost::json::parse(text);
  const auto body = root.is_null() ? boost::json::object{} : root.as_object();
  hold(given(body, "status", 0) == static_cast<std::int64_t>(read.status.value_or(0)));
  hold(given(body, "skip", 0) == static_cast<std::int64_t>(read.skip));
  hold(given(body, "count", 1) == static_cast<std::int64_t>(read.count));
  hold(given(body, "delayMs", 0) == read.delay.count());
  hold(given(body, "cutAfter", -1) == static_cast<std::int64_t>(read.cut_after.value_or(-1)));
}

void check_use(const local::fault& wanted) {
  local::fault_list all;
  all.add(wanted);
  hold(wanted.delay >= std::chrono::hours{0} && wanted.delay <= std::chrono::hours{24});
  for (int n = 0; n < 3; ++n) static_cast<void>(all.befall("GET", wanted.path));
  const auto& seen = all.all().front();
  hold(seen.passed <= wanted.skip && (wanted.count == 0 || seen.befallen <= wanted.count));
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  try {
    const auto wanted = local::read_fault(text);
    check_values(text, wanted);
    check_use(wanted);
  } catch (const local::http::http_error& refused) {
    hold(refused.status() >= 400 && refused.status() < 500 && *refused.what() != '\0');
  } catch (const std::invalid_argument& refused) {
    hold(*refused.what() != '\0');
  }
  return 0;
}
