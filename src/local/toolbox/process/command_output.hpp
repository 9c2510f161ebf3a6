#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "local/http/byte_budget.hpp"

namespace daytona::local::toolbox {

/// How much of a command's output is kept. The rest is read and dropped, and a line at its end says so.
inline constexpr std::size_t output_limit = 16 * 1024 * 1024;
/// How much of it is kept whatever the outputs of others take.
inline constexpr std::size_t assured_output = 32 * 1024;
/// How much the outputs of all commands take that run or are being answered.
inline constexpr std::size_t all_outputs_limit = 256 * 1024 * 1024;

/// What a command printed, as far as there is room for it, and its share of the budget for all of them.
class command_output {
 public:
  /// Throws `http_error` 503 if there is not even room for what is assured.
  explicit command_output(http::budget_ptr budget);

  void append(std::string_view bytes);
  /// Nothing more comes: a last line tells what was cut, if anything was.
  void end();
  /// Below its end, whatever is left of the budget.
  void add_note(const std::string& note) { text_ += "\n[daytona: " + note + "]\n"; }

  const std::string& text() const { return text_; }
  /// The text, to be taken apart: what is made of it counts in its place.
  std::string release() { return std::move(text_); }

 private:
  std::size_t room_for(std::size_t more);

  http::byte_share share_;
  std::size_t taken_ = assured_output;
  std::string text_;
  std::string cut_;  // why
};

}  // namespace daytona::local::toolbox
