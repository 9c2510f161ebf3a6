#include "model/charts.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <variant>

#include "model/base64.hpp"
#include "model/fields.hpp"

namespace daytona::inline v0 {
namespace {

constexpr auto type_texts =
    std::to_array<std::string_view>({"line", "scatter", "bar", "pie", "box_and_whisker", "composite_chart", "unknown"});
static_assert(static_cast<std::size_t>(chart_type::unknown) + 1 == type_texts.size());

}  // namespace

std::string_view to_string(chart_type type) noexcept { return type_texts[static_cast<std::size_t>(type)]; }

const chart& base_of(const any_chart& drawn) noexcept {
  return *std::visit([](const chart& kind) { return &kind; }, drawn);
}

}  // namespace daytona::inline v0

namespace daytona::model {

// Not in an unnamed namespace, where argument-dependent lookup would not find them.
static void read(const json_node& node, chart_value& out) {
  if (const auto text = node.value().text()) {
    out.emplace<std::string>(*text);
    return;
  }
  if (!node.value().number()) return node.expect_failed("a number or a string");
  read(node, out.emplace<double>());
}
static void write(json_writer& out, const chart_value& value) {
  std::visit([&](const auto& kind) { write(out, kind); }, value);
}

static void read(const json_node& node, std::pair<chart_value, chart_value>& out) {
  const auto both = node.value().elements();
  if (!both || both.size() < 2) return node.expect_failed("a pair");
  auto each = both.begin();
  read(node.element(0, *each), out.first);
  read(node.element(1, *++each), out.second);
}
static void write(json_writer& out, const std::pair<chart_value, chart_value>& point) {
  out.begin_array();
  write(out, point.first);
  write(out, point.second);
  out.end_array();
}

namespace {

// The published schema has the plotted number of a bar as text.
void read_bar_value(const json_node& node, bar_data& out) {
  chart_value& value = out.value.emplace();
  read(node, value);
  const auto* text = std::get_if<std::string>(&value);
  double number = 0;
  if (!text || text->empty()) return;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (failure == std::errc() && end == text->data() + text->size()) value = number;
}

constexpr field_table point_fields({
    unless_empty<&point_data::label>("label"),
    unless_empty<&point_data::points>("points"),
});
constexpr field_table bar_fields({
    unless_empty<&bar_data::label>("label"),
    unless_empty<&bar_data::group>("group"),
    {"value", &read_bar_value, member<&bar_data::value>("value").write},
});
constexpr field_table pie_fields({
    unless_empty<&pie_data::label>("label"),
    member<&pie_data::angle>("angle"),
    member<&pie_data::radius>("radius"),
});
constexpr field_table box_fields({
    unless_empty<&box_and_whisker_data::label>("label"),
    member<&box_and_whisker_data::min>("min"),
    member<&box_and_whisker_data::first_quartile>("first_quartile"),
    member<&box_and_whisker_data::median>("median"),
    member<&box_and_whisker_data::third_quartile>("third_quartile"),
    member<&box_and_whisker_data::max>("max"),
    unless_empty<&box_and_whisker_data::outliers>("outliers"),
});

}  // namespace

static void read(const json_node& node, point_data& out) { read_fields(node, out, point_fields); }
static void write(json_writer& out, const point_data& points) { write_fields<point_data>(out, points, point_fields); }
static void read(const json_node& node, bar_data& out) { read_fields(node, out, bar_fields); }
static void write(json_writer& out, const bar_data& bar) { write_fields<bar_data>(out, bar, bar_fields); }
static void read(const json_node& node, pie_data& out) { read_fields(node, out, pie_fields); }
static void write(json_writer& out, const pie_data& wedge) { write_fields<pie_data>(out, wedge, pie_fields); }
static void read(const json_node& node, box_and_whisker_data& out) { read_fields(node, out, box_fields); }
static void write(json_writer& out, const box_and_whisker_data& box) {
  write_fields<box_and_whisker_data>(out, box, box_fields);
}

namespace {

// The kind was read before, from the same member.
template <class Kind>
constexpr field<Kind> type_field{
    "type", [](const json_node&, Kind&) {},
    [](json_writer& out, std::string_view name, const Kind& drawn) { out.member(name, to_string(drawn.type)); }};

void read_png(const json_node& node, chart& out) {
  std::string text;
  read(node, text);
  auto bytes = decode_base64(text);
  if (!bytes) return node.expect_failed("base64");
  out.png = *std::move(bytes);
}
template <class Kind>
constexpr field<Kind> png_field{"png", [](const json_node& node, Kind& drawn) { read_png(node, drawn); },
                                [](json_writer& out, std::string_view name, const Kind& drawn) {
                                  if (!drawn.png.empty()) write_member(out, name, encode_base64(drawn.png));
                                }};

constexpr field_table point_chart_fields({
    type_field<point_chart>,
    member<&chart::title, point_chart>("title"),
    png_field<point_chart>,
    member<&chart2d::x_label, point_chart>("x_label"),
    member<&chart2d::y_label, point_chart>("y_label"),
    unless_empty<&point_chart::x_ticks>("x_ticks"),
    unless_empty<&point_chart::y_ticks>("y_ticks"),
    unless_empty<&point_chart::x_tick_labels>("x_tick_labels"),
    unless_empty<&point_chart::y_tick_labels>("y_tick_labels"),
    member<&point_chart::x_scale>("x_scale"),
    member<&point_chart::y_scale>("y_scale"),
    member<&point_chart::elements>("elements"),
});
constexpr field_table bar_chart_fields({
    type_field<bar_chart>,
    member<&chart::title, bar_chart>("title"),
    png_field<bar_chart>,
    member<&chart2d::x_label, bar_chart>("x_label"),
    member<&chart2d::y_label, bar_chart>("y_label"),
    member<&bar_chart::elements>("elements"),
});
constexpr field_table pie_chart_fields({
    type_field<pie_chart>,
    member<&chart::title, pie_chart>("title"),
    png_field<pie_chart>,
    member<&pie_chart::elements>("elements"),
});
constexpr field_table box_chart_fields({
    type_field<box_and_whisker_chart>,
    member<&chart::title, box_and_whisker_chart>("title"),
    png_field<box_and_whisker_chart>,
    member<&chart2d::x_label, box_and_whisker_chart>("x_label"),
    member<&chart2d::y_label, box_and_whisker_chart>("y_label"),
    member<&box_and_whisker_chart::elements>("elements"),
});
constexpr field_table composite_fields({
    type_field<composite_chart>,
    member<&chart::title, composite_chart>("title"),
    png_field<composite_chart>,
    member<&composite_chart::elements>("elements"),
});
constexpr field_table chart_fields({
    type_field<chart>,
    member<&chart::title>("title"),
    png_field<chart>,
});

const auto& fields_of(const point_chart&) { return point_chart_fields; }
const auto& fields_of(const bar_chart&) { return bar_chart_fields; }
const auto& fields_of(const pie_chart&) { return pie_chart_fields; }
const auto& fields_of(const box_and_whisker_chart&) { return box_chart_fields; }
const auto& fields_of(const composite_chart&) { return composite_fields; }
const auto& fields_of(const chart&) { return chart_fields; }

chart_type type_of(const json_value& drawn) {
  const json_value* type = drawn.member("type");
  const auto text = type ? type->text() : std::nullopt;
  if (!text) return chart_type::unknown;
  const auto found = std::find(type_texts.begin(), type_texts.end(), *text);
  return found == type_texts.end() ? chart_type::unknown : static_cast<chart_type>(found - type_texts.begin());
}

any_chart empty_chart(chart_type type) {
  switch (type) {
    case chart_type::line:
      return line_chart();
    case chart_type::scatter:
      return scatter_chart();
    case chart_type::bar:
      return bar_chart();
    case chart_type::pie:
      return pie_chart();
    case chart_type::box_and_whisker:
      return box_and_whisker_chart();
    case chart_type::composite_chart:
      return composite_chart();
    case chart_type::unknown:
      break;
  }
  return chart();
}

// A line chart is read by the description of its base.
template <class Kind, class Described, std::size_t Count>
void read_as(const json_node& node, Kind& out, const field_table<Described, Count>& fields) {
  read_fields<Described>(node, out, fields);
}
template <class Kind, class Described, std::size_t Count>
void write_as(json_writer& out, const Kind& drawn, const field_table<Described, Count>& fields) {
  write_fields<Described>(out, drawn, fields);
}

void read_kind(const json_node& node, any_chart& out) {
  std::visit([&](auto& kind) { read_as(node, kind, fields_of(kind)); }, out);
}

}  // namespace

void read(const json_node& node, any_chart& out) {
  if (!node.value().members()) return node.expect_failed("an object");

  const chart_type type = type_of(node.value());
  out = empty_chart(type);
  std::optional<decode_failure> unfit;
  read_kind(json_node(node.value(), unfit), out);
  if (unfit) out = chart();
  std::visit([&](chart& kind) { kind.type = unfit ? chart_type::unknown : type; }, out);
  if (auto* unknown = std::get_if<chart>(&out)) unknown->raw = to_json(node.value());
}

void write(json_writer& out, const any_chart& drawn) {
  const chart& base = base_of(drawn);
  if (!base.raw.empty()) return out.raw(base.raw);
  std::visit([&](const auto& kind) { write_as(out, kind, fields_of(kind)); }, drawn);
}

}  // namespace daytona::model
