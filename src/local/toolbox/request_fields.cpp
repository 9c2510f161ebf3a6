#include "local/toolbox/request_fields.hpp"

#include <boost/json/stream_parser.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>
#include <stdexcept>

#include "model/utf8.hpp"

namespace json = boost::json;

namespace daytona::local::toolbox {

namespace {

constexpr std::size_t max_depth = 1000;

bool same_name(std::string_view left, std::string_view right) {
  const auto same = [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); };
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), same);
}

/// The number that the escape `\uXXXX` at the start of `text` stands for.
std::optional<unsigned> unicode_escape(std::string_view text) {
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return std::nullopt;
  unsigned code = 0;
  const auto [end, error] = std::from_chars(text.data() + 2, text.data() + 6, code, 16);
  if (error != std::errc() || end != text.data() + 6) return std::nullopt;
  return code;
}

bool leads(unsigned code) { return code >= 0xD800 && code <= 0xDBFF; }
bool trails(unsigned code) { return code >= 0xDC00 && code <= 0xDFFF; }

/// The length of a surrogate pair's two escapes; 0 if there is no pair.
std::size_t pair_length(std::string_view text, unsigned first) {
  if (!leads(first)) return 0;
  const auto second = unicode_escape(text.substr(std::min<std::size_t>(6, text.size())));
  return second && trails(*second) ? 12 : 0;
}

[[noreturn]] void refuse(std::string_view name, const char* expected) {
  throw std::invalid_argument(std::string{name} + " must be " + expected);
}

std::map<std::string, std::string> texts_of(const json::object& object, std::string_view name) {
  std::map<std::string, std::string> all;
  for (const auto& member : object) {
    if (!member.value().is_string()) refuse(name, "an object of strings");
    all[std::string{member.key()}] = std::string{member.value().as_string()};
  }
  return all;
}

json::value first_value(std::string_view text) {
  json::parse_options options;
  options.max_depth = max_depth;
  json::stream_parser parser{{}, options};
  json::error_code error;
  parser.write_some(text.data(), text.size(), error);
  if (!error && !parser.done()) parser.finish(error);
  if (error == json::error::incomplete) throw std::invalid_argument("unexpected end of JSON");
  if (error) throw std::invalid_argument("not JSON: " + error.message());
  return parser.release();
}

}  // namespace

std::string well_formed_json_text(std::string_view text) {
  std::string result = model::replace_invalid_utf8(text);
  if (result.find("\\u") == std::string::npos) return result;

  std::string fixed;
  std::string_view left = result;
  while (!left.empty()) {
    std::size_t length = left[0] == '\\' && left.size() > 1 ? 2 : 1;
    const auto code = unicode_escape(left);
    if (code) length = std::max<std::size_t>(6, pair_length(left, *code));
    const bool lone = code && length == 6 && (leads(*code) || trails(*code));
    fixed += lone ? std::string_view{"\\ufffd"} : left.substr(0, length);
    left.remove_prefix(length);
  }
  return fixed;
}

request_fields::request_fields(std::string_view text) {
  json::value value = first_value(well_formed_json_text(text));
  if (value.is_null()) return;
  if (!value.is_object()) throw std::invalid_argument("the body must be a JSON object");
  object_ = std::move(value.as_object());
}

const json::value* request_fields::find(std::string_view name) const {
  const json::value* found = nullptr;
  for (const auto& member : object_)
    if (same_name(member.key(), name)) found = &member.value();
  return found == nullptr || found->is_null() ? nullptr : found;
}

std::string request_fields::text(std::string_view name) const {
  const json::value* value = find(name);
  if (value == nullptr) return {};
  if (!value->is_string()) refuse(name, "a string");
  return std::string{value->as_string()};
}

bool request_fields::flag(std::string_view name) const {
  const json::value* value = find(name);
  if (value == nullptr) return false;
  if (!value->is_bool()) refuse(name, "true or false");
  return value->as_bool();
}

std::vector<std::string> request_fields::texts(std::string_view name) const {
  std::vector<std::string> all;
  const json::value* value = find(name);
  if (value == nullptr) return all;
  if (!value->is_array()) refuse(name, "an array of strings");
  for (const auto& each : value->as_array()) {
    if (!each.is_string()) refuse(name, "an array of strings");
    all.emplace_back(each.as_string());
  }
  return all;
}

std::map<std::string, std::string> request_fields::text_map(std::string_view name) const {
  const json::value* value = find(name);
  if (value == nullptr) return {};
  if (!value->is_object()) refuse(name, "an object of strings");
  return texts_of(value->as_object(), name);
}

std::map<std::string, std::string> request_fields::all_texts() const { return texts_of(object_, "the body"); }

std::optional<std::int64_t> request_fields::integer(std::string_view name) const {
  const json::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  const std::int64_t* number = value->if_int64();
  if (number == nullptr) refuse(name, "a whole number");
  return *number;
}

std::optional<std::chrono::seconds> request_fields::seconds(std::string_view name) const {
  const json::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  const std::int64_t* number = value->if_int64();
  if (number == nullptr || *number < 0 || *number > std::numeric_limits<std::uint32_t>::max())
    refuse(name, "a whole number of seconds from 0 to 4294967295");
  if (*number == 0) return std::nullopt;
  return std::chrono::seconds{*number};
}

}  // namespace daytona::local::toolbox
