#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fuzz.hpp"
#include "protocol/http_response.hpp"

namespace daytona::fuzz {

inline constexpr protocol::response_limits limits{256, 128};

/// What became of the bytes of an answer, read as the exchange reads them.
struct answer {
  std::optional<errc> failure;
  protocol::http_response response;
  bool is_whole = false;
  bool keeps_alive = false;
  std::string rest;  ///< Behind the answer.
};

inline answer read_answer(std::string_view bytes, std::size_t piece) {
  answer result;
  protocol::response_reader reader{limits};
  offer(
      bytes, piece, result.rest, [&](std::string_view pending) { return reader.put(pending, result.failure); },
      [&] { return reader.is_done() || result.failure.has_value(); });
  if (!reader.is_done() && !result.failure) reader.put_end(result.failure);
  result.is_whole = reader.is_done() && !result.failure;
  if (result.is_whole) result.keeps_alive = reader.can_keep_alive();
  result.response = reader.response();
  return result;
}

/// However bytes are cut, the same comes of them, and within the limits.
inline answer check_answer(std::string_view bytes, std::size_t piece) {
  const auto whole = read_answer(bytes, 0);
  const auto pieces = read_answer(bytes, piece);
  hold(whole.response.body.size() <= limits.body);
  hold(pieces.response.body.size() <= limits.body);
  // A header that comes at once may be a little larger than one that comes in pieces.
  const bool is_about_a_limit = whole.failure == errc::response_too_large || pieces.failure == errc::response_too_large;
  hold(whole.is_whole == pieces.is_whole || is_about_a_limit);
  if (!whole.is_whole || !pieces.is_whole) return whole;

  hold(whole.response.status == pieces.response.status);
  hold(whole.response.body == pieces.response.body);
  hold(whole.response.fields.copy() == pieces.response.fields.copy());
  hold(whole.keeps_alive == pieces.keeps_alive);
  for (const auto& [name, value] : whole.response.fields.copy())
    hold(name.find_first_of("\r\n: ") == std::string::npos && value.find_first_of("\r\n") == std::string::npos);
  return whole;
}

}  // namespace daytona::fuzz
