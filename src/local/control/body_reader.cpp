#include "local/control/body_reader.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "local/http/http_error.hpp"

namespace daytona::local {

namespace json = boost::json;

body_reader::body_reader(std::string_view body) {
  if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) return;
  boost::system::error_code error;
  json::value root = json::parse(body, error);
  if (error) throw http::http_error{400, "Invalid JSON in request body"};
  if (root.is_null()) return;
  if (!root.is_object()) throw http::http_error{400, "the request body must be a JSON object"};
  members_ = std::move(root.get_object());
}

const json::value* body_reader::find(std::string_view name) const {
  const auto* member = members_.if_contains(name);
  return member && !member->is_null() ? member : nullptr;
}

void body_reader::allow_only(std::span<const std::string_view> names) {
  for (const auto& [name, value] : members_)
    if (std::ranges::find(names, std::string_view{name}) == names.end())
      violate(fmt::format("property {} should not exist", std::string_view{name}));
}

std::optional<std::string> body_reader::text(std::string_view name) {
  const auto* member = find(name);
  if (!member) return std::nullopt;
  if (const auto* value = member->if_string()) return std::string{value->data(), value->size()};
  violate(fmt::format("{} must be a string", name));
  return std::nullopt;
}

std::optional<bool> body_reader::flag(std::string_view name) {
  const auto* member = find(name);
  if (!member) return std::nullopt;
  if (const auto* value = member->if_bool()) return *value;
  violate(fmt::format("{} must be a boolean value", name));
  return std::nullopt;
}

std::optional<std::int64_t> body_reader::integer(std::string_view name) {
  const auto* member = find(name);
  if (!member) return std::nullopt;
  boost::system::error_code error;
  const auto value = member->to_number<std::int32_t>(error);
  if (!error && member->is_number()) return value;
  violate(fmt::format("{} must be an integer number", name));
  return std::nullopt;
}

std::optional<std::map<std::string, std::string>> body_reader::text_map(std::string_view name) {
  const auto* member = find(name);
  if (!member) return std::nullopt;
  const auto* object = member->if_object();
  if (!object) {
    violate(fmt::format("{} must be an object", name));
    return std::nullopt;
  }
  std::map<std::string, std::string> map;
  for (const auto& [key, value] : *object) {
    if (const auto* value_text = value.if_string())
      map[std::string{key}] = std::string{value_text->data(), value_text->size()};
    else
      violate(fmt::format("{}.{} must be a string", name, std::string_view{key}));
  }
  return map;
}

bool body_reader::is_set(std::string_view name) const {
  const auto* member = find(name);
  if (!member) return false;
  switch (member->kind()) {
    case json::kind::bool_:
      return member->get_bool();
    case json::kind::int64:
      return member->get_int64() != 0;
    case json::kind::uint64:
      return member->get_uint64() != 0;
    case json::kind::double_:
      return member->get_double() != 0;
    case json::kind::string:
      return !member->get_string().empty();
    case json::kind::array:
      return !member->get_array().empty();
    case json::kind::object:
      return !member->get_object().empty();
    default:
      return false;
  }
}

void body_reader::throw_violations() const {
  if (!violations_.empty()) throw http::http_error{400, fmt::format("{}", fmt::join(violations_, ", "))};
}

}  // namespace daytona::local
