#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "daytona/detail/export.hpp"

namespace daytona::inline v0 {

/// The kinds of charts that a server recognizes in what matplotlib drew.
enum class chart_type {
  line,
  scatter,
  bar,
  pie,
  box_and_whisker,
  composite_chart,
  unknown,  ///< Also what a server calls by a name that this library does not know: `chart::raw` has it.
};
DAYTONA_API std::string_view to_string(chart_type type) noexcept;

/// A value on an axis: a number or, for categories and dates, a text.
using chart_value = std::variant<double, std::string>;

/// One line, or one group of points.
struct DAYTONA_API point_data {
  point_data();
  std::string label;  ///< Empty = none; matplotlib calls unlabelled lines `_child0`, `_child1`, …
  std::vector<std::pair<chart_value, chart_value>> points;  ///< x and y.
};

/// One bar.
struct DAYTONA_API bar_data {
  bar_data();
  std::string label;  ///< The bar's place on the axis.
  std::string group;  ///< The series it belongs to; empty = none.
  std::optional<chart_value> value;
};

/// One wedge of a pie.
struct DAYTONA_API pie_data {
  pie_data();
  std::string label;
  std::optional<double> angle;  ///< Degrees.
  std::optional<double> radius;
};

/// One box. What matplotlib did not draw (a whisker without length) is absent.
struct DAYTONA_API box_and_whisker_data {
  box_and_whisker_data();
  std::string label;
  std::optional<double> min;
  std::optional<double> first_quartile;
  std::optional<double> median;
  std::optional<double> third_quartile;
  std::optional<double> max;
  std::vector<double> outliers;
};

/// What all charts have. By itself, a chart of a kind that this library does not know.
struct DAYTONA_API chart {
  chart();
  chart_type type = chart_type::unknown;
  std::optional<std::string> title;
  std::string png;  ///< The picture as bytes, ready to be written to a file. Empty = none came, as with the parts of a
                    ///< composite.
  std::string raw;  ///< The whole chart as the server's JSON, if `type` is `unknown`; else empty.
};

/// A chart with two axes.
struct DAYTONA_API chart2d : chart {
  chart2d();
  std::optional<std::string> x_label;
  std::optional<std::string> y_label;
};

/// A chart of points.
struct DAYTONA_API point_chart : chart2d {
  point_chart();
  std::vector<chart_value> x_ticks;
  std::vector<chart_value> y_ticks;
  std::vector<std::string> x_tick_labels;
  std::vector<std::string> y_tick_labels;
  std::optional<std::string> x_scale;  ///< `linear`, `log`, `categorical`, `datetime` or another of matplotlib's.
  std::optional<std::string> y_scale;
  std::vector<point_data> elements;
};

struct DAYTONA_API line_chart : point_chart {
  line_chart();
};

struct DAYTONA_API scatter_chart : point_chart {
  scatter_chart();
};

struct DAYTONA_API bar_chart : chart2d {
  bar_chart();
  std::vector<bar_data> elements;
};

struct DAYTONA_API pie_chart : chart {
  pie_chart();
  std::vector<pie_data> elements;
};

struct DAYTONA_API box_and_whisker_chart : chart2d {
  box_and_whisker_chart();
  std::vector<box_and_whisker_data> elements;
};

struct composite_chart;

/// A chart of any kind; `chart` itself stands for the unknown ones.
using any_chart =
    std::variant<chart, line_chart, scatter_chart, bar_chart, pie_chart, box_and_whisker_chart, composite_chart>;

/// Several charts in one figure. Servers may send of its parts less than of a chart of its own.
struct DAYTONA_API composite_chart : chart {
  composite_chart();
  std::vector<any_chart> elements;
};

/// What `drawn` has in common with all other charts.
DAYTONA_API const chart& base_of(const any_chart& drawn) noexcept;

}  // namespace daytona::inline v0
