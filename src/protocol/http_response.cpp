#include "protocol/http_response.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <limits>

#include "model/headers.hpp"

namespace daytona::protocol {

namespace http = boost::beast::http;

namespace {

constexpr unsigned max_interim_answers = 20;
constexpr std::size_t usual_size = 384;  // of all names and values of an answer

errc code_of(const boost::beast::error_code& ec) {
  if (ec == http::error::header_limit || ec == http::error::body_limit) return errc::response_too_large;
  if (ec == http::error::partial_message || ec == http::error::end_of_stream) return errc::connection_lost;
  return errc::protocol_violation;
}

}  // namespace

void http_fields::add(std::string_view name, std::string_view value) {
  if (text_.empty()) text_.reserve(usual_size);
  spans_.push_back({static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(name.size()),
                    static_cast<std::uint32_t>(value.size())});
  text_.append(name).append(value);
}

std::optional<std::string_view> http_fields::find(std::string_view name) const noexcept {
  for (std::size_t i = 0; i < size(); ++i) {
    const auto [field, value] = (*this)[i];
    if (model::equal_ignoring_case(field, name)) return value;
  }
  return std::nullopt;
}

std::pair<std::string_view, std::string_view> http_fields::operator[](std::size_t index) const noexcept {
  const auto& place = spans_[index];
  const std::string_view text{text_};
  return {text.substr(place.begin, place.name_size), text.substr(place.begin + place.name_size, place.value_size)};
}

std::vector<std::pair<std::string, std::string>> http_fields::copy() const {
  std::vector<std::pair<std::string, std::string>> fields;
  fields.reserve(size());
  for (std::size_t i = 0; i < size(); ++i) fields.emplace_back((*this)[i]);
  return fields;
}

void http_fields::clear() noexcept {
  text_.clear();
  spans_.clear();
}

response_reader::response_reader(response_limits limits) : limits_(limits) { parser_.emplace(response_, limits_); }

std::size_t response_reader::put(std::string_view bytes, std::optional<errc>& failure) {
  if (is_short_of_a_chunk(bytes)) return 0;
  boost::beast::error_code ec;
  const std::size_t taken = parser_->put(boost::asio::const_buffer(bytes.data(), bytes.size()), ec);
  wants_more_ = ec == http::error::need_more;
  if (ec && ec != http::error::need_more)
    failure = code_of(ec);
  else if (taken == 0 && bytes.size() > limits_.header)
    failure = errc::response_too_large;  // the parameters of a chunk, or trailers, which Beast puts no limit to
  else if (announces_too_much())
    failure = errc::response_too_large;
  else
    start_over_after_interim(failure);
  return taken;
}

// Beast asserts that what it is offered again of a last chunk has five bytes, as behind a chunk before it; as the first it has three.
bool response_reader::is_short_of_a_chunk(std::string_view bytes) const {
  constexpr std::size_t last_chunk_size = std::string_view("0\r\n\r\n").size();
  return wants_more_ && bytes.starts_with('0') && bytes.size() < last_chunk_size && parser_->is_header_done() &&
         parser_->chunked();
}

// Beast looks at the length when the body's first byte comes, which may be never.
bool response_reader::announces_too_much() const {
  if (!parser_->is_header_done() || parser_->is_done()) return false;
  const auto length = parser_->content_length();
  return length && *length > limits_.body;
}

void response_reader::put_end(std::optional<errc>& failure) {
  boost::beast::error_code ec;
  if (parser_->got_some()) parser_->put_eof(ec);
  if (ec || !parser_->is_done()) failure = errc::connection_lost;
}

void response_reader::start_over_after_interim(std::optional<errc>& failure) {
  if (!parser_->is_done() || response_.status >= 200 || response_.status == 101) return;
  if (++interim_answers_ > max_interim_answers) {
    failure = errc::protocol_violation;
    return;
  }
  response_ = http_response{};
  parser_.emplace(response_, limits_);
}

response_reader::parser::parser(http_response& response, response_limits limits)
    : response_(response), max_body_(limits.body) {
  eager(true);
  header_limit(
      static_cast<std::uint32_t>(std::min<std::size_t>(limits.header, std::numeric_limits<std::uint32_t>::max())));
  body_limit(boost::none);  // what is kept is counted in on_body_impl
}

void response_reader::parser::on_response_impl(int code, view, int, parser_error&) {
  response_.status = static_cast<unsigned>(code);
}

void response_reader::parser::on_field_impl(http::field, view name, view value, parser_error&) {
  if (is_header_done()) return;  // a trailer
  response_.fields.add({name.data(), name.size()}, {value.data(), value.size()});
}

void response_reader::parser::on_body_init_impl(const boost::optional<std::uint64_t>& length, parser_error& ec) {
  if (!length) return;
  if (*length > max_body_)
    ec = http::error::body_limit;
  else
    response_.body.reserve(static_cast<std::size_t>(*length));
}

std::size_t response_reader::parser::on_body_impl(view body, parser_error& ec) {
  if (body.size() > max_body_ - response_.body.size()) {
    ec = http::error::body_limit;
    return 0;
  }
  response_.body.append(body.data(), body.size());
  return body.size();
}

}  // namespace daytona::protocol
