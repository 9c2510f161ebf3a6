#include "model/charts.hpp"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include <string>
#include <variant>

#include "../../support/recorded.hpp"
#include "model/execution.hpp"

using namespace daytona;
using namespace daytona::model;

namespace {

any_chart decode(std::string_view text) {
  auto drawn = from_json<any_chart>(text);
  REQUIRE(drawn.has_value());
  return *std::move(drawn);
}

/// A chart as the kind that several have in common, or null.
template <class Kind>
struct as_kind {
  const Kind* operator()(const Kind& drawn) const { return &drawn; }
  const Kind* operator()(const chart&) const { return nullptr; }
};

// The pictures of most rows were left out of the recording.
std::string with_pictures(std::string body) {
  for (auto at = body.find("<omitted image"); at != std::string::npos; at = body.find("<omitted image"))
    body.replace(at, body.find('>', at) + 1 - at, "iVBORw0KGgo=");
  return body;
}

}  // namespace

TEST_CASE("a line chart has its axes, labels and points") {
  const auto drawn = decode(
      R"({"type":"line","title":"Load","png":"iVBORw0KGgo=","x_label":"t","y_label":"load","x_ticks":[0,1,2.5],
          "y_ticks":[0],"x_tick_labels":["0","1","2.5"],"y_tick_labels":["0.0"],"x_scale":"linear","y_scale":"log",
          "elements":[{"label":"cpu","points":[[0,0.1],[1,0.7]]}]})");

  const auto& line = std::get<line_chart>(drawn);
  CHECK(line.type == chart_type::line);
  CHECK(line.title == "Load");
  CHECK(line.png == "\x89PNG\r\n\x1A\n");
  CHECK(line.x_label == "t");
  CHECK(line.y_label == "load");
  CHECK(line.x_ticks.at(2) == chart_value(2.5));
  CHECK(line.y_ticks.size() == 1);
  CHECK(line.x_tick_labels.size() == 3);
  CHECK(line.y_tick_labels.at(0) == "0.0");
  CHECK(line.x_scale == "linear");
  CHECK(line.y_scale == "log");
  REQUIRE(line.elements.size() == 1);
  const point_data& points = line.elements[0];
  CHECK(points.label == "cpu");
  CHECK(points.points.at(1).first == chart_value(1.0));
  CHECK(points.points.at(1).second == chart_value(0.7));
  CHECK(line.raw.empty());
}

TEST_CASE("ticks and coordinates may be texts, as old servers send for dates and categories") {
  const auto drawn =
      decode(R"({"type":"scatter","x_ticks":["2024-01-01",3],"elements":[{"label":"s","points":[["a",1],["b",2]]}]})");

  const auto& scatter = std::get<scatter_chart>(drawn);
  CHECK(scatter.type == chart_type::scatter);
  CHECK(scatter.x_ticks.at(0) == chart_value("2024-01-01"));
  CHECK(scatter.elements.at(0).points.at(1).first == chart_value("b"));
}

TEST_CASE("what several kinds of charts have in common is read without knowing which of them it is") {
  for (const std::string kind : {"line", "scatter", "bar", "box_and_whisker", "pie"}) {
    CAPTURE(kind);
    const auto drawn = decode(R"({"x_label":"time","x_scale":"log","elements":[],"type":")" + kind + "\"}");

    const chart2d* const labelled = std::visit(as_kind<chart2d>(), drawn);
    const point_chart* const scaled = std::visit(as_kind<point_chart>(), drawn);

    CHECK((labelled != nullptr) == (kind != "pie"));
    if (labelled != nullptr) CHECK(labelled->x_label == "time");
    CHECK((scaled != nullptr) == (kind == "line" || kind == "scatter"));
    if (scaled != nullptr) CHECK(scaled->x_scale == "log");
  }
}

TEST_CASE("a bar's value is a number, also if the server sends it as text, and a text if it is none") {
  const auto drawn = decode(
      R"({"type":"bar","elements":[{"label":"Jan","value":"12.5","group":"2026"},{"label":"Feb","value":15},
          {"label":"Mar","value":"many"},{"label":"Apr"}]})");

  const std::vector<bar_data>& bars = std::get<bar_chart>(drawn).elements;
  REQUIRE(bars.size() == 4);
  CHECK(bars[0].value == chart_value(12.5));
  CHECK(bars[0].group == "2026");
  CHECK(bars[1].value == chart_value(15.0));
  CHECK(bars[2].value == chart_value("many"));
  CHECK_FALSE(bars[3].value.has_value());
}

TEST_CASE("pies and boxes have their elements; what was not drawn is absent") {
  const auto drawn_pie = decode(R"({"type":"pie","elements":[{"label":"A","angle":216,"radius":1}]})");
  const auto drawn_boxes = decode(
      R"({"type":"box_and_whisker","x_label":"route","y_label":"ms","elements":[{"label":"r","min":1,"first_quartile":2,
          "median":3,"third_quartile":4,"max":5,"outliers":[30]},{"label":"s","median":3}]})");

  const auto& pie = std::get<pie_chart>(drawn_pie);
  CHECK(pie.type == chart_type::pie);
  const pie_data& slice = pie.elements.at(0);
  CHECK(slice.label == "A");
  CHECK(slice.angle == 216.0);
  CHECK(slice.radius == 1.0);
  const auto& boxes = std::get<box_and_whisker_chart>(drawn_boxes);
  CHECK(boxes.type == chart_type::box_and_whisker);
  CHECK(boxes.x_label == "route");
  CHECK(boxes.y_label == "ms");
  const box_and_whisker_data& whole = boxes.elements.at(0);
  CHECK(whole.min == 1.0);
  CHECK(whole.first_quartile == 2.0);
  CHECK(whole.median == 3.0);
  CHECK(whole.third_quartile == 4.0);
  CHECK(whole.max == 5.0);
  CHECK(whole.outliers == std::vector<double>{30.0});
  CHECK(boxes.elements.at(1).label == "s");
  CHECK_FALSE(boxes.elements.at(1).max.has_value());
}

TEST_CASE("the parts of a composite chart are charts themselves") {
  const auto drawn = decode(
      R"({"type":"composite_chart","title":"Both","elements":[{"type":"line","title":"left"},{"type":"new_kind"}]})");

  const auto& both = std::get<composite_chart>(drawn);
  CHECK(both.type == chart_type::composite_chart);
  REQUIRE(both.elements.size() == 2);
  CHECK(base_of(both.elements[0]).title == "left");
  CHECK(std::holds_alternative<line_chart>(both.elements[0]));
  CHECK(base_of(both.elements[1]).type == chart_type::unknown);
}

TEST_CASE("F13: a chart of an unknown kind, or of none, is kept with its JSON") {
  for (const char* text :
       {R"({"type":"sankey","title":"Flow","links":[1.5]})", R"({"title":"Flow"})", R"({"type":7,"title":"Flow"})"}) {
    const auto drawn = decode(text);

    const auto& unknown = std::get<chart>(drawn);
    CHECK(unknown.type == chart_type::unknown);
    CHECK(unknown.title == "Flow");
    CHECK(boost::json::parse(unknown.raw) == boost::json::parse(text));
  }
}

TEST_CASE("a chart that does not fit its kind is kept raw and costs nobody the program's output") {
  const auto answer = from_json<execute_response>(
      R"({"exitCode":0,"result":"done\n","artifacts":{"charts":[{"type":"line","elements":[{"points":[[1]]}]},
          {"type":"pie","png":"not base64!"},{"type":"bar","elements":null}]}})");

  REQUIRE(answer.has_value());
  CHECK(answer->result == "done\n");
  REQUIRE(answer->artifacts.charts.size() == 3);
  CHECK_FALSE(std::get<chart>(answer->artifacts.charts[0]).raw.empty());
  CHECK_FALSE(std::get<chart>(answer->artifacts.charts[1]).raw.empty());
  CHECK(std::get<bar_chart>(answer->artifacts.charts[2]).elements.empty());
}

TEST_CASE("what is no object is no chart") { CHECK(from_json<any_chart>("[1]").has_error()); }

TEST_CASE("every recorded chart is read as its kind and written back as it came") {
  int seen = 0;
  for (const auto& row : recorded::rows("toolbox/process.jsonl")) {
    if (recorded::text_of(row.at("kind")) != "http") continue;
    auto body = recorded::body_of(row.at("response"));
    if (!body || body->find("\"charts\"") == std::string::npos) continue;
    body = with_pictures(*body);
    const auto name = recorded::name_of(row);
    CAPTURE(name);

    const auto answer = from_json<execute_response>(*body);

    REQUIRE(answer.has_value());
    const auto sent = boost::json::parse(*body).at("artifacts").at("charts").as_array();
    REQUIRE(answer->artifacts.charts.size() == sent.size());
    for (std::size_t i = 0; i < sent.size(); ++i) {
      const chart& drawn = base_of(answer->artifacts.charts[i]);
      CHECK(to_string(drawn.type) == std::string_view(sent[i].at("type").as_string()));
      if (sent[i].at("type") == "pie") continue;  // sends scales, which a pie has none of
      std::string again;
      json_writer out(again);
      write(out, answer->artifacts.charts[i]);
      auto expected = sent[i];
      if (expected.at("type") == "box_and_whisker")
        for (const char* axis : {"x_ticks", "y_ticks", "x_tick_labels", "y_tick_labels", "x_scale", "y_scale"})
          expected.as_object().erase(axis);
      if (expected.at("type") != "composite_chart") CHECK(boost::json::parse(again) == expected);
      ++seen;
    }
  }
  CHECK(seen >= 12);
}
