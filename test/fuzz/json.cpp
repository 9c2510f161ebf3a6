// Every decoder of a JSON body: what it takes can be written, and reads back as the same.
#include <daytona/error.hpp>

#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <vector>

#include "fuzz.hpp"
#include "model/charts.hpp"
#include "model/directory.hpp"
#include "model/execution.hpp"
#include "model/files.hpp"
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

/// Boost does not round to the nearest.
bool is_near(double read, double known) { return read == known || std::abs(read - known) <= 1e-14 * std::abs(known); }

bool is_same(const model::json_value& read, const boost::json::value& known);

bool is_same_object(const model::json_value& read, const boost::json::object& known) {
  for (const auto& each : read.members())
    if (!known.contains({each.name().data(), each.name().size()})) return false;
  return std::ranges::all_of(known, [&](const auto& member) {
    const auto* const last = read.member({member.key().data(), member.key().size()});
    return last != nullptr && is_same(*last, member.value());
  });
}

bool is_same(const model::json_value& read, const boost::json::value& known) {
  if (known.is_null()) return read.is_null();
  if (known.is_bool()) return read.boolean() == known.get_bool();
  if (known.is_string()) return read.text() == std::string_view(known.get_string().data(), known.get_string().size());
  if (known.is_int64()) return read.integer() == known.get_int64();
  if (known.is_number()) return is_near(read.number().value_or(0), known.to_number<double>());
  if (known.is_object()) return read.members() && is_same_object(read, known.get_object());
  const auto elements = read.elements();
  if (!elements || elements.size() != known.get_array().size()) return false;
  auto each = elements.begin();
  return std::ranges::all_of(known.get_array(), [&](const auto& one) {
    const auto& twin = *each;
    ++each;
    return is_same(twin, one);
  });
}

/// A text is JSON if Boost.JSON says so, and then says the same.
void check_document(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = 32;
  options.allow_invalid_utf8 = true;
  boost::system::error_code ec;
  const auto known = boost::json::parse({text.data(), text.size()}, ec, {}, options);
  const model::json_document document{text};
  hold(document.failure().has_value() == ec.failed());
  if (!ec) hold(is_same(document.root(), known));
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
  check_document(input);
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
  read<std::vector<file_info>>(input);
  read<std::vector<match>>(input);
  read<search_files_response>(input);
  read<std::vector<replace_result>>(input);
  read<model::move_answer>(input);
  constexpr std::array statuses{400U, 404U, 408U, 429U, 502U};
  check_error(input, statuses[size % statuses.size()]);
  return 0;
}
