#include "model/json_value.hpp"

#include <boost/container/throw_exception.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse_options.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <functional>
#include <limits>

#include "model/json_writer.hpp"

namespace daytona::model {
namespace {

constexpr std::size_t max_depth = 32;
constexpr std::size_t max_text = std::numeric_limits<std::int32_t>::max();
constexpr std::size_t usual_bytes_a_value = 24;  // of the text of larger documents

using error_code = boost::system::error_code;
using parser_text = boost::json::string_view;

}  // namespace

std::string_view json_value::kind_name() const noexcept {
  switch (type_) {
    case type::null:
      return "null";
    case type::boolean:
      return "a boolean";
    case type::integer:
    case type::huge_integer:
    case type::fraction:
      return "a number";
    case type::text:
      return "a string";
    case type::array:
      return "an array";
    case type::object:
      return "an object";
  }
  return "another type";
}

std::optional<bool> json_value::boolean() const noexcept {
  if (type_ != type::boolean) return std::nullopt;
  return integer_ != 0;
}

std::optional<double> json_value::number() const noexcept {
  if (type_ == type::integer) return static_cast<double>(integer_);
  if (type_ == type::huge_integer) return static_cast<double>(huge_);
  if (type_ == type::fraction) return fraction_;
  return std::nullopt;
}

std::optional<std::int64_t> json_value::integer() const noexcept {
  if (type_ == type::integer) return integer_;
  if (type_ != type::fraction || fraction_ != std::trunc(fraction_)) return std::nullopt;
  constexpr double limit = 9223372036854775808.0;  // 2^63
  if (fraction_ < -limit || fraction_ >= limit) return std::nullopt;
  return static_cast<std::int64_t>(fraction_);
}

const json_value* json_value::member(std::string_view name) const noexcept {
  const json_value* found = nullptr;
  for (const json_value& each : members())
    if (each.name() == name) found = &each;
  return found;
}

void json_value::write_to(json_writer& out) const {
  switch (type_) {
    case json_value::type::null:
      return out.null();
    case json_value::type::boolean:
      return out.value(integer_ != 0);
    case json_value::type::integer:
      return out.value(integer_);
    case json_value::type::huge_integer:
      return out.raw(std::to_string(huge_));
    case json_value::type::fraction:
      return out.value(fraction_);
    case json_value::type::text:
      return out.value(*text());
    case json_value::type::array:
      out.begin_array();
      for (const json_value& element : elements()) element.write_to(out);
      return out.end_array();
    case json_value::type::object:
      out.begin_object();
      for (const json_value& each : members()) {
        out.key(each.name());
        each.write_to(out);
      }
      return out.end_object();
  }
}

/// Takes what Boost.JSON's parser finds, in its order.
class json_document::builder {
 public:
  static constexpr std::size_t max_array_size = max_text;
  static constexpr std::size_t max_object_size = max_text;
  static constexpr std::size_t max_string_size = max_text;
  static constexpr std::size_t max_key_size = max_text;

  builder(json_document& document, std::string_view text) : document_(document), text_(text) {}

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_array_begin(error_code&) { return open(json_value::type::array); }
  bool on_array_end(std::size_t count, error_code&) { return close(count); }
  bool on_object_begin(error_code&) { return open(json_value::type::object); }
  bool on_object_end(std::size_t count, error_code&) { return close(count); }

  bool on_key_part(parser_text part, std::size_t, error_code&) { return gather(part); }
  bool on_key(parser_text last, std::size_t size, error_code&) {
    name_ = whole(last, size);
    return true;
  }
  bool on_string_part(parser_text part, std::size_t, error_code&) { return gather(part); }
  bool on_string(parser_text last, std::size_t size, error_code&) {
    const std::string_view text = whole(last, size);
    auto& made = add(json_value::type::text);
    made.text_ = text.data();
    made.size_ = static_cast<std::uint32_t>(text.size());
    return true;
  }
  bool on_number_part(parser_text, error_code&) { return true; }
  bool on_int64(std::int64_t number, parser_text, error_code&) {
    add(json_value::type::integer).integer_ = number;
    return true;
  }
  bool on_uint64(std::uint64_t number, parser_text, error_code&) {
    add(json_value::type::huge_integer).huge_ = number;
    return true;
  }
  bool on_double(double number, parser_text text, error_code&) {
    // Boost 1.81 does not round to the nearest. What is out of range stays as it says: infinite, or zero.
    std::from_chars(text.data(), text.data() + text.size(), number);
    add(json_value::type::fraction).fraction_ = number;
    return true;
  }
  bool on_bool(bool flag, error_code&) {
    add(json_value::type::boolean).integer_ = flag ? 1 : 0;
    return true;
  }
  bool on_null(error_code&) {
    add(json_value::type::null);
    return true;
  }
  bool on_comment_part(parser_text, error_code&) { return true; }
  bool on_comment(parser_text, error_code&) { return true; }

 private:
  json_value& add(json_value::type type) {
    auto& made = document_.values_.emplace_back();
    made.name_ = name_.data();
    made.name_size_ = static_cast<std::uint32_t>(name_.size());
    made.type_ = type;
    name_ = {};
    return made;
  }

  bool open(json_value::type type) {
    open_[depth_++] = document_.values_.size();
    add(type);
    return true;
  }

  bool close(std::size_t count) {
    const std::size_t begin = open_[--depth_];
    auto& closed = document_.values_[begin];
    closed.extent_ = static_cast<std::uint32_t>(document_.values_.size() - begin);
    closed.size_ = static_cast<std::uint32_t>(count);
    return true;
  }

  bool gather(parser_text part) {
    auto& all = document_.unescaped_;
    if (all.empty()) all.reserve(text_.size() - read_);  // an escape is longer than what it stands for
    all.append(part.data(), part.size());
    return true;
  }

  /// A name or text of `size` bytes that ends with `last`. Without escapes it is in the text itself.
  std::string_view whole(parser_text last, std::size_t size) {
    const bool in_text = last.size() == size && !std::less<>()(last.data(), text_.data()) &&
                         !std::less<>()(text_.data() + text_.size(), last.data() + last.size());
    if (in_text) {
      read_ = static_cast<std::size_t>(last.data() + last.size() - text_.data());
      return {last.data(), last.size()};
    }
    gather(last);
    return std::string_view(document_.unescaped_).substr(document_.unescaped_.size() - size);
  }

  json_document& document_;
  std::string_view text_;
  std::size_t read_ = 0;  // so much of the text lies behind: up to the last name or text without escapes
  std::string_view name_;
  std::array<std::size_t, max_depth + 1> open_{};
  std::size_t depth_ = 0;
};

json_document::json_document(std::string_view text) {
  if (text.size() > max_text) {
    failure_.emplace(decode_failure{"not JSON: too long"});
    return;
  }
  try {
    parse(text);
  } catch (const boost::container::length_error_t&) {
    failure_.emplace(decode_failure{"more values than an answer has"});
  }
}

void json_document::parse(std::string_view text) {
  const std::size_t expected = std::min(text.size() / usual_bytes_a_value, max_values);
  if (expected > values_.capacity()) values_.reserve(expected);
  boost::json::parse_options options;
  options.max_depth = max_depth;
  options.allow_invalid_utf8 = true;
  boost::json::basic_parser<builder> parser(options, *this, text);
  error_code ec;
  const std::size_t taken = parser.write_some(false, text.data(), text.size(), ec);
  if (!ec && taken < text.size()) ec = boost::json::error::extra_data;
  if (ec) failure_.emplace(decode_failure{"not JSON: " + ec.message()});
}

}  // namespace daytona::model
