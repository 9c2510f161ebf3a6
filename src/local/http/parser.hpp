#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "local/http/message.hpp"

namespace daytona::local::http {

/// Turns bytes of one HTTP/1 message into a head and body pieces. Pure: it is fed, it never reads.
///
/// `feed()` says how many bytes it took; bytes it did not take are to be presented again with more after them, or
/// belong to the next message. It stops after the head, so that the caller sees it before the body.
template <class Head>
class message_parser {
 public:
  explicit message_parser(std::size_t header_limit);
  message_parser(message_parser&&) noexcept;
  message_parser& operator=(message_parser&&) noexcept;
  ~message_parser();

  /// Throws `http_error` (400, or 431 for too large a head) for what is not HTTP, or could be read in two ways.
  std::size_t feed(std::string_view bytes);
  /// The peer has closed its side. Throws `http_error` if the message is cut.
  void feed_end();

  bool head_done() const;
  bool done() const;
  const Head& head() const;
  Head& head();
  /// The answer that is read belongs to a HEAD request, or has no body for another reason.
  void skip_body();
  /// The body bytes since the last call.
  std::string take_body();

 private:
  class impl;
  std::unique_ptr<impl> impl_;
};

using request_parser = message_parser<request_head>;
using response_parser = message_parser<response_head>;

extern template class message_parser<request_head>;
extern template class message_parser<response_head>;

}  // namespace daytona::local::http
