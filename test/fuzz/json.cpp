// Every decoder of a JSON body: what it takes can be written, and reads back as the same.
#include <daytona/error.hpp>

#include <boost/json/parse.hpp>

#include <optional>

#include "fuzz.hpp"
#include "model/charts.hpp"
#include "model/directory.hpp"
#include "model/execution.hpp"
#include "model/sandbox.hpp"
#include "protocol/error_mapping.hpp"

namespace {

using namespace daytona;
using fuzz::hold;

template <class T>
std::optional<T> read(std::string_view text) {
  auto value = model::from_json<T>(text);
  if (value) return *std::move(value);
  hold(!value.error().what.empty());
  return std::nullopt;
}

/// What was read is written as JSON, and that reads as the same once more.
template <class T>
void check(std::string_view text) {
  const auto value = read<T>(text);
  if (!value) return;
  const auto written = model::to_json(*value);
  const auto again = read<T>(written);
  hold(again.has_value());
  hold(model::to_json(*again) == written);
}

void check_error(std::string_view body, unsigned status) {
  protocol::failed_answer answer;
  answer.status = status;
  answer.body = body;
  error_details known;
  known.operation = "execute command";
  try {
    protocol::throw_answer(protocol::service::toolbox, answer, known);
  } catch (const error& e) {
    hold(e.http_status() == status);
    hold(e.message().starts_with("Failed to execute command: "));
    hold(e.message().size() < 8192);
    hold(e.message().find('\0') == std::string::npos);
    return;
  }
  hold(false);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = fuzz::text_of(data, size);
  check<model::sandbox_data>(input);
  check<model::sandbox_page>(input);
  check<model::numbered_sandbox_page>(input);
  check<model::url_answer>(input);
  check<model::directory_answer>(input);
  check<model::execute_request>(input);
  check<model::code_run_request>(input);
  check<execute_response>(input);
  check<any_chart>(input);
  check<volume_mount>(input);
  check<build_info>(input);
  for (const unsigned status : {400u, 404u, 408u, 429u, 502u}) check_error(input, status);
  return 0;
}
