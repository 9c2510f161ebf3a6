#include "model/json.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/parse_options.hpp>

#include <cmath>
#include <limits>

namespace daytona::model {
namespace {

constexpr std::size_t max_depth = 32;

std::string_view name_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return "null";
    case json::kind::bool_:
      return "a boolean";
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_:
      return "a number";
    case json::kind::string:
      return "a string";
    case json::kind::array:
      return "an array";
    case json::kind::object:
      return "an object";
  }
  return "another type";
}

void fail_once(std::optional<decode_failure>& failure, std::string what) {
  if (!failure) failure.emplace(decode_failure{std::move(what)});
}

}  // namespace

json_document::json_document(std::string_view text)
    : heap_(text.size() > small_text ? new unsigned char[text.size() * 3] : nullptr),
      resource_(heap_ ? heap_.get() : stack_.data(), heap_ ? text.size() * 3 : stack_.size()),
      root_(json::storage_ptr(&resource_)) {
  json::parse_options options;
  options.max_depth = max_depth;
  options.allow_invalid_utf8 = true;
  boost::system::error_code ec;
  root_ = json::parse(text, ec, &resource_, options);
  if (ec) failure_.emplace(decode_failure{"not JSON: " + ec.message()});
}

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
  what.append(what.empty() ? "expected " : ": expected ").append(expected).append(", found ").append(name_of(value_));
  fail_once(failure_, std::move(what));
}

void json_node::member_missing(std::string_view name) const {
  if (failed()) return;
  std::string what = path();
  if (!what.empty()) what += '.';
  fail_once(failure_, what.append(name).append(": missing"));
}

void read(const json_node& node, std::string& out) {
  const json::string* text = node.value().if_string();
  if (!text) return node.expect_failed("a string");
  out.assign(text->data(), text->size());
}

void read(const json_node& node, bool& out) {
  const bool* flag = node.value().if_bool();
  if (!flag) return node.expect_failed("a boolean");
  out = *flag;
}

void read(const json_node& node, double& out) {
  boost::system::error_code ec;
  const double number = node.value().to_number<double>(ec);
  if (ec) return node.expect_failed("a number");
  out = number;
}

void read(const json_node& node, std::int64_t& out) {
  boost::system::error_code ec;
  const std::int64_t number = node.value().to_number<std::int64_t>(ec);
  if (ec) return node.expect_failed("an integer");
  out = number;
}

void read(const json_node& node, std::chrono::minutes& out) {
  double number = 0;
  read(node, number);
  constexpr double limit = 1e15;  // far beyond any interval, far below what minutes can hold
  if (std::abs(number) > limit) return node.expect_failed("a number of minutes");
  out = std::chrono::minutes(static_cast<std::int64_t>(number < 0 ? std::floor(number) : std::ceil(number)));
}

void read(const json_node& node, std::map<std::string, std::string>& out) {
  const json::object* members = node.value().if_object();
  if (!members) return node.expect_failed("an object");
  for (const json::key_value_pair& pair : *members) {
    const std::string_view name = pair.key();
    read(node.member(name, pair.value()), out[std::string(name)]);
  }
}

void write(json_writer& out, const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return out.null();
    case json::kind::bool_:
      return out.value(value.get_bool());
    case json::kind::int64:
      return out.value(value.get_int64());
    case json::kind::uint64:
      return out.raw(std::to_string(value.get_uint64()));
    case json::kind::double_:
      return out.value(value.get_double());
    case json::kind::string:
      return out.value(std::string_view(value.get_string()));
    case json::kind::array:
      out.begin_array();
      for (const json::value& element : value.get_array()) write(out, element);
      return out.end_array();
    case json::kind::object:
      out.begin_object();
      for (const json::key_value_pair& pair : value.get_object()) {
        out.key(pair.key());
        write(out, pair.value());
      }
      return out.end_object();
  }
}

void write(json_writer& out, const std::map<std::string, std::string>& map) {
  out.begin_object();
  for (const auto& [name, text] : map) out.member(name, std::string_view(text));
  out.end_object();
}

}  // namespace daytona::model
