#pragma once

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <string_view>

#include "local/http/exchange.hpp"
#include "local/toolbox/files/multipart_parser.hpp"

namespace daytona::local::toolbox {

/// The parts of a request's form, read one after the other.
class form_body {
 public:
  form_body(http::exchange& exchange, const std::string& boundary) : exchange_{exchange}, parser_{boundary} {}

  /// The next part, past what was not read of the one before; absent at the end of the form. Throws `std::invalid_argument` if the body is cut or malformed.
  boost::asio::awaitable<std::optional<form_part>> next_part();
  /// The next piece of its content, which lives until the next call; empty at the end of it. Throws the same.
  boost::asio::awaitable<std::string_view> read_some();

 private:
  boost::asio::awaitable<multipart_parser::event> next_event(const char* cut);

  http::exchange& exchange_;
  multipart_parser parser_;
  bool in_part_ = false;
};

}  // namespace daytona::local::toolbox
