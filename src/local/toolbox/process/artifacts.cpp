#include "local/toolbox/process/artifacts.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <optional>

#include "model/json_writer.hpp"
#include "model/utf8.hpp"

namespace json = boost::json;

namespace daytona::local::toolbox {

namespace {

using model::json_writer;

// The members of a chart and of its elements, by type. Others are dropped: a program can print such a line itself.
constexpr std::array chart_texts = {"type", "title", "png", "x_label", "y_label"};
constexpr std::array chart_numbers = {"x_ticks", "y_ticks"};
constexpr std::array chart_text_lists = {"x_tick_labels", "y_tick_labels"};
constexpr std::array chart_scales = {"x_scale", "y_scale"};
constexpr std::array element_texts = {"type", "title", "png", "x_label", "y_label", "label", "group", "value"};
constexpr std::array element_numbers = {"angle", "radius", "min", "first_quartile", "median", "third_quartile", "max"};

/// Thrown for a member of another type: the whole chart is no chart.
struct not_a_chart {};

void write_number(json_writer& out, const json::value& value) {
  if (!value.is_number()) throw not_a_chart{};
  out.value(value.to_number<double>());
}

void write_text(json_writer& out, const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || value->is_null()) return;
  if (!value->is_string()) throw not_a_chart{};
  if (!value->as_string().empty()) out.member(name, std::string_view{value->as_string()});
}

template <class WriteElement>
void write_list(json_writer& out, const json::object& object, const char* name, WriteElement write_element) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || value->is_null()) return;
  if (!value->is_array()) throw not_a_chart{};
  if (value->as_array().empty()) return;
  out.key(name);
  out.begin_array();
  for (const auto& each : value->as_array()) write_element(each);
  out.end_array();
}

void write_numbers(json_writer& out, const json::object& object, const char* name) {
  write_list(out, object, name, [&](const json::value& each) { write_number(out, each); });
}

void write_texts(json_writer& out, const json::object& object, const char* name) {
  write_list(out, object, name, [&](const json::value& each) {
    if (!each.is_string()) throw not_a_chart{};
    out.value(std::string_view{each.as_string()});
  });
}

void write_point(json_writer& out, const json::value& point) {
  if (!point.is_array()) throw not_a_chart{};
  out.begin_array();
  for (const auto& each : point.as_array()) write_number(out, each);
  out.end_array();
}

void write_element(json_writer& out, const json::value& value) {
  if (!value.is_object()) throw not_a_chart{};
  const json::object& element = value.as_object();
  out.begin_object();
  for (const char* name : element_texts) write_text(out, element, name);
  for (const char* name : element_numbers) {
    const json::value* number = element.if_contains(name);
    if (number == nullptr || number->is_null()) continue;
    out.key(name);
    write_number(out, *number);
  }
  write_list(out, element, "points", [&](const json::value& point) { write_point(out, point); });
  write_numbers(out, element, "outliers");
  out.end_object();
}

void write_elements(json_writer& out, const json::object& chart) {
  const json::value* elements = chart.if_contains("elements");
  out.key("elements");
  if (elements == nullptr || elements->is_null()) return out.null();
  if (!elements->is_array()) throw not_a_chart{};
  out.begin_array();
  for (const auto& each : elements->as_array()) write_element(out, each);
  out.end_array();
}

std::optional<std::string> chart_of(std::string_view text) {
  json::error_code error;
  const json::value artifact = json::parse(model::replace_invalid_utf8(text), error);
  if (error || !artifact.is_object()) return std::nullopt;
  const json::value* type = artifact.as_object().if_contains("type");
  const json::value* value = artifact.as_object().if_contains("value");
  if (type == nullptr || *type != "chart" || value == nullptr || !value->is_object()) return std::nullopt;

  const json::object& chart = value->as_object();
  std::string written;
  json_writer out{written};
  try {
    out.begin_object();
    for (const char* name : chart_texts) write_text(out, chart, name);
    for (const char* name : chart_numbers) write_numbers(out, chart, name);
    for (const char* name : chart_text_lists) write_texts(out, chart, name);
    for (const char* name : chart_scales) write_text(out, chart, name);
    write_elements(out, chart);
    out.end_object();
  } catch (const not_a_chart&) {
    return std::nullopt;
  }
  return written;
}

}  // namespace

extracted_output extract_artifacts(std::string_view output) {
  extracted_output result;
  if (output.find(artifact_mark) == std::string_view::npos) {
    result.text = output;
    return result;
  }
  while (!output.empty()) {
    const auto length = std::min(output.find('\n'), output.size() - 1) + 1;
    const auto line = output.substr(0, length);
    output.remove_prefix(length);
    // A program that left its own line unfinished has the mark behind it.
    const auto mark = line.find(artifact_mark);
    result.text += line.substr(0, mark);
    if (mark == std::string_view::npos) continue;
    if (auto chart = chart_of(line.substr(mark + artifact_mark.size()))) result.charts.push_back(std::move(*chart));
  }
  return result;
}

}  // namespace daytona::local::toolbox
