#include "local/http/parser.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include <type_traits>

#include "local/http/http_error.hpp"
#include "local/http/target.hpp"

namespace daytona::local::http {
namespace beast_http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

namespace {

constexpr std::size_t max_chunk_head = 16 * 1024;

std::string_view standard(string_view text) { return {text.data(), text.size()}; }

/// A field continued on the next line: other readers take that for a field of its own, or a part of the one before.
bool is_folded(std::string_view head) {
  return head.find("\r\n ") != std::string_view::npos || head.find("\r\n\t") != std::string_view::npos;
}

[[noreturn]] void refuse(error_code error) {
  if (error == beast_http::error::header_limit) throw http_error{431, "request header fields too large"};
  throw http_error{400, "malformed HTTP message: " + error.message()};
}

void check_request(const request_head& head) {
  if (!is_request_target(head.method, head.target)) throw http_error{400, "malformed HTTP message: bad request target"};
  if (const auto encoding = head.headers.find("Transfer-Encoding"))
    if (!equal_ignoring_case(*encoding, "chunked") || head.version < 11)
      throw http_error{400, "malformed HTTP message: unsupported transfer encoding"};
  if (head.version >= 11 && !head.headers.contains("Host"))
    throw http_error{400, "malformed HTTP message: missing Host header"};
  if (!is_host(head.headers.get("Host"))) throw http_error{400, "malformed HTTP message: bad Host header"};
  if (head.headers.get("Content-Length").find_first_not_of("0123456789") != std::string_view::npos)
    throw http_error{400, "malformed HTTP message: bad Content-Length"};
  for (const std::string_view name : {"Host", "Transfer-Encoding", "Content-Length"})
    if (head.headers.count(name) > 1)
      throw http_error{400, "malformed HTTP message: more than one " + std::string{name} + " header"};
}

}  // namespace

template <class Head>
class message_parser<Head>::impl : public beast_http::basic_parser<std::is_same_v<Head, request_head>> {
  static constexpr bool is_request = std::is_same_v<Head, request_head>;

 public:
  explicit impl(std::size_t limit) : limit_{limit} {
    this->header_limit(static_cast<std::uint32_t>(limit));
    this->body_limit(boost::none);
  }

  std::size_t feed(std::string_view bytes) {
    std::size_t taken = 0;
    while (taken < bytes.size() && !this->is_done()) {
      const bool had_head = this->is_header_done();
      error_code error;
      const auto rest = bytes.substr(taken);
      if (is_short_of_a_chunk(rest)) break;
      const auto n = this->put(boost::asio::const_buffer{rest.data(), rest.size()}, error);
      taken += n;
      if (!had_head) head_size_ += n;
      if (is_request && !had_head && is_folded(rest.substr(0, n)))
        throw http_error{400, "malformed HTTP message: folded header field"};
      wants_more_ = error == beast_http::error::need_more;
      if (wants_more_) {
        check_pending(rest.size() - n);
        break;
      }
      if (error) refuse(error);
      if (!had_head && this->is_header_done()) {
        finish_head();
        break;
      }
    }
    return taken;
  }

  void feed_end() {
    error_code error;
    if (!this->got_some()) error = beast_http::error::partial_message;
    if (!error) this->put_eof(error);
    if (error) refuse(error);
  }

  Head head;
  std::string body;
  bool failed = false;

 private:
  /// What is buffered without having been understood must stay small.
  void check_pending(std::size_t pending) const {
    if (!this->is_header_done() && head_size_ + pending > limit_) refuse(beast_http::error::header_limit);
    if (this->is_header_done() && pending > max_chunk_head) throw http_error{400, "malformed HTTP message: bad chunk"};
  }

  /// Beast asserts that what it is offered again of a last chunk has five bytes, as behind a chunk before it; as the first it has three.
  bool is_short_of_a_chunk(std::string_view bytes) const {
    constexpr std::size_t last_chunk_size = std::string_view("0\r\n\r\n").size();
    return wants_more_ && bytes.starts_with('0') && bytes.size() < last_chunk_size && this->is_header_done() &&
           this->chunked();
  }

  void finish_head() {
    if (head_size_ > limit_) refuse(beast_http::error::header_limit);
    head.keep_alive = this->keep_alive();
    head.chunked = this->chunked();
    if (const auto length = this->content_length()) head.content_length = *length;
    if constexpr (is_request) check_request(head);
  }

  void on_request_impl(beast_http::verb, string_view method, string_view target, int version, error_code&) override {
    if constexpr (is_request) {
      head.method = standard(method);
      head.target = standard(target);
      head.version = static_cast<unsigned>(version);
    }
  }
  void on_response_impl(int code, string_view reason, int version, error_code&) override {
    if constexpr (!is_request) {
      head.status = static_cast<unsigned>(code);
      head.reason = standard(reason);
      head.version = static_cast<unsigned>(version);
    }
  }
  void on_field_impl(beast_http::field, string_view name, string_view value, error_code&) override {
    if (!this->is_header_done() && !in_body_) head.headers.add(standard(name), standard(value));
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override { in_body_ = true; }
  std::size_t on_body_impl(string_view bytes, error_code&) override {
    body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view bytes, error_code&) override {
    body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_finish_impl(error_code&) override {}

  std::size_t limit_;
  std::size_t head_size_ = 0;
  bool in_body_ = false;
  bool wants_more_ = false;
};

template <class Head>
message_parser<Head>::message_parser(std::size_t header_limit) : impl_{std::make_unique<impl>(header_limit)} {}
template <class Head>
message_parser<Head>::message_parser(message_parser&&) noexcept = default;
template <class Head>
message_parser<Head>& message_parser<Head>::operator=(message_parser&&) noexcept = default;
template <class Head>
message_parser<Head>::~message_parser() = default;

template <class Head>
std::size_t message_parser<Head>::feed(std::string_view bytes) {
  if (impl_->failed)
    throw http_error{400, "malformed HTTP message"};  // Beast's parser asserts when it is fed after an error
  impl_->failed = true;
  const auto taken = impl_->feed(bytes);
  impl_->failed = false;
  return taken;
}
template <class Head>
void message_parser<Head>::feed_end() {
  impl_->feed_end();
}
template <class Head>
bool message_parser<Head>::head_done() const {
  return impl_->is_header_done();
}
template <class Head>
bool message_parser<Head>::done() const {
  return impl_->is_done();
}
template <class Head>
const Head& message_parser<Head>::head() const {
  return impl_->head;
}
template <class Head>
Head& message_parser<Head>::head() {
  return impl_->head;
}
template <class Head>
void message_parser<Head>::skip_body() {
  impl_->skip(true);
}
template <class Head>
std::string message_parser<Head>::take_body() {
  return std::exchange(impl_->body, {});
}

template class message_parser<request_head>;
template class message_parser<response_head>;

}  // namespace daytona::local::http
