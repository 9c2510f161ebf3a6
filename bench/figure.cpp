#include "figure.hpp"

#include <fmt/format.h>

namespace daytona::bench {

namespace {

std::string number(double value) {
  const double size = value < 0 ? -value : value;
  return size >= 1000 ? fmt::format("{:.0f}", value)
         : size >= 10 ? fmt::format("{:.1f}", value)
                      : fmt::format("{:.2f}", value);
}

std::string number_or(const std::optional<double>& value, std::string_view otherwise) {
  return value ? number(*value) : std::string(otherwise);
}

std::string text_of(const std::optional<goal>& wanted) {
  if (!wanted) return "";
  return fmt::format("{} {}{}", wanted->at_least ? ">=" : "<=", wanted->of_ratio ? "x" : "", number(wanted->limit));
}

std::string_view text_of(const std::optional<bool>& met, std::string_view unknown) {
  return !met ? unknown : *met ? "true" : "false";
}

}  // namespace

std::optional<bool> figure::met() const {
  if (!goal) return std::nullopt;
  const double measured = goal->of_ratio ? ratio.value() : value;
  return goal->at_least ? measured >= goal->limit : measured <= goal->limit;
}

std::string to_json_line(const figure& measured) {
  const auto wanted = text_of(measured.goal);
  const std::string_view quote = wanted.empty() ? "" : "\"";
  return fmt::format(
      R"({{"case":"{}","metric":"{}","value":{},"unit":"{}","baseline":{},"ratio":{},"goal":{}{}{},"met":{}}})",
      measured.of_case, measured.metric, number(measured.value), measured.unit, number_or(measured.baseline, "null"),
      number_or(measured.ratio, "null"), quote, wanted.empty() ? "null" : wanted, quote,
      text_of(measured.met(), "null"));
}

std::string to_table(const std::vector<figure>& measured) {
  constexpr std::string_view row = "{:<8} {:<44} {:>9} {:<13} {:>9} {:>7} {:>10} {}\n";
  auto text = fmt::format(row, "case", "metric", "value", "unit", "baseline", "ratio", "goal", "met");
  for (const auto& one : measured)
    text +=
        fmt::format(row, one.of_case, one.metric, number(one.value), one.unit, number_or(one.baseline, ""),
                    one.ratio ? fmt::format("x{}", number(*one.ratio)) : "", text_of(one.goal), text_of(one.met(), ""));
  return text;
}

}  // namespace daytona::bench
