#pragma once

#include <daytona/error.hpp>

#include <boost/beast/http/basic_parser.hpp>
#include <boost/container/small_vector.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace daytona::protocol {

/// Header fields in order, in one piece of memory.
class http_fields {
 public:
  void add(std::string_view name, std::string_view value);
  /// The first field of this name, in any case.
  std::optional<std::string_view> find(std::string_view name) const noexcept;
  std::size_t size() const noexcept { return spans_.size(); }
  std::pair<std::string_view, std::string_view> operator[](std::size_t index) const noexcept;
  std::vector<std::pair<std::string, std::string>> copy() const;
  void clear() noexcept;

 private:
  struct span {
    std::uint32_t begin, name_size, value_size;
  };
  std::string text_;
  boost::container::small_vector<span, 12> spans_;
};

struct http_response {
  unsigned status = 0;
  http_fields fields;
  std::string body;
};

struct response_limits {
  std::size_t header = 0;  ///< Bytes.
  std::size_t body = 0;    ///< Bytes.
};

/// Reads one answer from bytes, however they are cut. Interim answers (1xx) are passed over.
class response_reader {
 public:
  explicit response_reader(response_limits limits);

  /// Takes what it can of `bytes` and says how much; the rest is to be offered again, with more behind it. `failure` names what is wrong.
  std::size_t put(std::string_view bytes, std::optional<errc>& failure);
  /// The connection ended: completes an answer that ends so, else it is `errc::connection_lost`.
  void put_end(std::optional<errc>& failure);

  bool has_header() const noexcept { return parser_->is_header_done(); }
  bool is_done() const noexcept { return parser_->is_done(); }
  bool can_keep_alive() const { return parser_->keep_alive() && !parser_->need_eof(); }

  http_response& response() noexcept { return response_; }
  const http_response& response() const noexcept { return response_; }

 private:
  class parser final : public boost::beast::http::basic_parser<false> {
   public:
    parser(http_response& response, response_limits limits);

   private:
    using view = boost::beast::string_view;
    using parser_error = boost::beast::error_code;

    void on_request_impl(boost::beast::http::verb, view, view, int, parser_error&) override {}
    void on_response_impl(int code, view reason, int version, parser_error& ec) override;
    void on_field_impl(boost::beast::http::field, view name, view value, parser_error& ec) override;
    void on_header_impl(parser_error&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, parser_error& ec) override;
    std::size_t on_body_impl(view body, parser_error& ec) override;
    void on_chunk_header_impl(std::uint64_t, view, parser_error&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, view body, parser_error& ec) override {
      return on_body_impl(body, ec);
    }
    void on_finish_impl(parser_error&) override {}

    http_response& response_;
    std::size_t max_body_;
  };

  bool is_short_of_a_chunk(std::string_view bytes) const;
  bool announces_too_much() const;
  void start_over_after_interim(std::optional<errc>& failure);

  response_limits limits_;
  http_response response_;
  std::optional<parser> parser_;  // Beast's reads one message in its life
  unsigned interim_answers_ = 0;
  bool wants_more_ = false;
};

}  // namespace daytona::protocol
