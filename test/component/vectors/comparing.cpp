#include "vectors/comparing.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <string_view>

namespace daytona::test {

namespace json = boost::json;

namespace {

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t n = 0; n < text.size(); ++n) {
    if (text[n] == '%' && n + 2 < text.size()) {
      out.push_back(static_cast<char>(std::stoi(std::string(text.substr(n + 1, 2)), nullptr, 16)));
      n += 2;
    } else {
      out.push_back(text[n] == '+' ? ' ' : text[n]);
    }
  }
  return out;
}

/// JSON with sorted members, without our creation's label; the order of secrets means nothing.
json::value sorted(const json::value& value) {
  if (const auto* object = value.if_object()) {
    std::map<std::string, json::value> members;
    for (const auto& [key, member] : *object)
      if (key != "daytona-cpp/create-id") members[std::string(key)] = sorted(member);
    if (auto secrets = members.find("secrets"); secrets != members.end() && secrets->second.is_array()) {
      auto& array = secrets->second.as_array();
      std::sort(array.begin(), array.end(),
                [](const auto& a, const auto& b) { return json::serialize(a) < json::serialize(b); });
    }
    json::object out;
    for (auto& [key, member] : members) out[key] = std::move(member);
    return out;
  }
  if (const auto* array = value.if_array()) {
    json::array out;
    for (const auto& item : *array) out.push_back(sorted(item));
    return out;
  }
  if (value.is_double() && value.as_double() == std::floor(value.as_double()))
    return static_cast<std::int64_t>(value.as_double());
  return value;
}

std::string comparable_body(const std::string& text) {
  if (text.empty()) return {};
  return json::serialize(sorted(json::parse(text)));
}

/// A time, however it is written, as milliseconds of UTC; anything else as it is.
std::string canonical_time(const std::string& text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, offset = 0;
  double second = 0;
  const int read =
      std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%lf%5d", &year, &month, &day, &hour, &minute, &second, &offset);
  if (read < 6) return text;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  const auto minutes = std::chrono::sys_days(date).time_since_epoch() + std::chrono::hours(hour - offset / 100) +
                       std::chrono::minutes(minute - offset % 100);
  return std::to_string(std::chrono::milliseconds(minutes).count() + std::llround(second * 1000));
}

/// Queries as decoded multisets, with values that are compared as what they mean: JSON and times.
std::multiset<std::string> query_of(std::string_view raw) {
  std::multiset<std::string> all;
  while (!raw.empty()) {
    const auto end = std::min(raw.find('&'), raw.size());
    const auto pair = decoded(raw.substr(0, end));
    const auto equals = pair.find('=') + 1;
    auto value = pair.substr(equals);
    value = value.starts_with('{') ? json::serialize(sorted(json::parse(value))) : canonical_time(value);
    all.insert(pair.substr(0, equals) + value);
    raw.remove_prefix(std::min(end + 1, raw.size()));
  }
  return all;
}

constexpr std::string_view compared_headers[] = {"authorization", "x-daytona-sdk-version", "x-daytona-organization-id"};

void keep_header(asked& request, std::string name, std::string value) {
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  if (std::count(std::begin(compared_headers), std::end(compared_headers), name) > 0) request.headers[name] = value;
}

}  // namespace

std::string text_of(const json::value& body) {
  const auto& members = body.as_object();
  if (const auto* text = members.if_contains("text")) return std::string(text->as_string());
  return {};
}

asked recorded_request(const json::object& request, const json::object& header_lists) {
  asked out;
  std::string path(request.at("path").as_string());
  if (const auto twice = path.find("//"); twice != std::string::npos)
    path.erase(twice, 1);  // a slash too many in the base
  out.line = fmt::format("{} {}", std::string_view(request.at("method").as_string()), path);
  if (const auto* query = request.if_contains("raw_query")) out.query = query_of(query->as_string());
  if (const auto* body = request.if_contains("body")) out.body = comparable_body(text_of(*body));
  for (const auto& field : header_lists.at(request.at("headers").as_string()).as_array())
    keep_header(out, std::string(field.at(0).as_string()), std::string(field.at(1).as_string()));
  return out;
}

asked sent_request(const std::string& bytes) {
  asked out;
  const auto line = bytes.substr(0, bytes.find(" HTTP/1.1\r\n"));
  const auto mark = line.find('?');
  out.line = line.substr(0, mark);
  if (mark != std::string::npos) out.query = query_of(std::string_view(line).substr(mark + 1));
  const auto end = bytes.find("\r\n\r\n");
  out.body = comparable_body(bytes.substr(end + 4));
  for (auto at = bytes.find("\r\n") + 2; at < end; at = bytes.find("\r\n", at) + 2) {
    const auto colon = bytes.find(": ", at);
    keep_header(out, bytes.substr(at, colon - at), bytes.substr(colon + 2, bytes.find("\r\n", colon) - colon - 2));
  }
  return out;
}

}  // namespace daytona::test
