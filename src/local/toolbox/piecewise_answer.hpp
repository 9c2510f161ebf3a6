#pragma once

#include <boost/asio/awaitable.hpp>

#include <string>
#include <string_view>

#include "local/http/exchange.hpp"

namespace daytona::local::toolbox {

/// The body of an answer that is made piece by piece: as a whole where it is short, else in chunks, so that one of any size takes no memory.
class piecewise_answer {
 public:
  piecewise_answer(http::exchange& exchange, std::string_view content_type);

  /// What is to be sent next: append to it.
  std::string& text() { return text_; }
  /// Sends it if it has become long. Throws as `exchange::hold_memory`.
  boost::asio::awaitable<void> pass_on();
  boost::asio::awaitable<void> finish();

 private:
  http::exchange& exchange_;
  std::string content_type_;
  std::string text_;
  bool has_begun_ = false;
};

/// Appends what stands between the quotes of a JSON text.
void append_json_escaped(std::string& out, std::string_view text);
/// Appends `text`, which lives until then, as one JSON text. What is no UTF-8 in it becomes U+FFFD.
boost::asio::awaitable<void> write_json_text(piecewise_answer& answer, std::string_view text);

}  // namespace daytona::local::toolbox
