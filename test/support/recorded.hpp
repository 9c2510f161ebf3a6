#pragma once

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <doctest/doctest.h>

#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The recorded exchanges of test/vectors.
namespace recorded {

namespace json = boost::json;

/// The rows of a file, for example "control/list.jsonl".
inline std::vector<json::value> rows(const std::string& file) {
  std::ifstream in(std::string(DAYTONA_TEST_VECTORS) + "/" + file);
  REQUIRE_MESSAGE(in.is_open(), file);
  std::vector<json::value> all;
  for (std::string line; std::getline(in, line);) all.push_back(json::parse(line));
  REQUIRE_FALSE(all.empty());
  return all;
}

inline std::string text_of(const json::value& value) { return std::string(std::string_view(value.as_string())); }

inline std::string name_of(const json::value& row) { return text_of(row.at("name")); }

/// The text of a request's or answer's body; nothing if it has none that was kept.
inline std::optional<std::string> body_of(const json::value& message) {
  const json::value* body = message.as_object().if_contains("body");
  const json::value* text = body ? body->as_object().if_contains("text") : nullptr;
  if (!text) return std::nullopt;
  return text_of(*text);
}

inline std::optional<std::int64_t> status_of(const json::value& answer) {
  const json::value* status = answer.as_object().if_contains("status");
  if (!status) return std::nullopt;
  return status->as_int64();
}

}  // namespace recorded
