#include "model/json.hpp"

#include <cmath>

namespace daytona::model {
namespace {

void fail_once(std::optional<decode_failure>& failure, std::string what) {
  if (!failure) failure.emplace(decode_failure{std::move(what)});
}

}  // namespace

std::string json_node::path() const {
  if (!parent_) return {};
  std::string path = parent_->path();
  if (name_.empty()) return path + '[' + std::to_string(index_) + ']';
  if (!path.empty()) path += '.';
  return path.append(name_);
}

void json_node::expect_failed(std::string_view expected) const {
  if (failed()) return;
  std::string what = path();
  what.append(what.empty() ? "expected " : ": expected ")
      .append(expected)
      .append(", found ")
      .append(value_.kind_name());
  fail_once(failure_, std::move(what));
}

void json_node::member_missing(std::string_view name) const {
  if (failed()) return;
  std::string what = path();
  if (!what.empty()) what += '.';
  fail_once(failure_, what.append(name).append(": missing"));
}

void read(const json_node& node, std::string& out) {
  const auto text = node.value().text();
  if (!text) return node.expect_failed("a string");
  out = std::string(*text);  // cheaper than to assign, which looks for what it may keep
}

void read(const json_node& node, std::optional<std::string>& out) {
  const auto text = node.value().text();
  if (!text) return node.expect_failed("a string");
  out.emplace(*text);
}

void read(const json_node& node, bool& out) {
  const auto flag = node.value().boolean();
  if (!flag) return node.expect_failed("a boolean");
  out = *flag;
}

void read(const json_node& node, double& out) {
  const auto number = node.value().number();
  if (!number) return node.expect_failed("a number");
  out = *number;
}

void read(const json_node& node, std::int64_t& out) {
  const auto number = node.value().integer();
  if (!number) return node.expect_failed("an integer");
  out = *number;
}

void read(const json_node& node, std::chrono::minutes& out) {
  double number = 0;
  read(node, number);
  constexpr double limit = 1e15;  // far beyond any interval, far below what minutes can hold
  if (std::abs(number) > limit) return node.expect_failed("a number of minutes");
  out = std::chrono::minutes(static_cast<std::int64_t>(number < 0 ? std::floor(number) : std::ceil(number)));
}

void read(const json_node& node, std::map<std::string, std::string>& out) {
  const auto members = node.value().members();
  if (!members) return node.expect_failed("an object");
  out.clear();
  for (const json_value& each : members) {
    const auto text = each.text();
    if (!text) return node.member(each.name(), each).expect_failed("a string");
    out.insert_or_assign(out.end(), std::string(each.name()), std::string(*text));  // servers write them in order
  }
}

void write(json_writer& out, const std::map<std::string, std::string>& map) {
  out.begin_object();
  for (const auto& [name, text] : map) out.member(name, std::string_view(text));
  out.end_object();
}

}  // namespace daytona::model
