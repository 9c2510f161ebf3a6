#pragma once

#include <boost/container/small_vector.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/document_allocator.hpp"

namespace daytona::model {

/// Why a text did not decode, in words for people: "items[3].labels: expected an object, found an array".
struct decode_failure {
  std::string what;
};

class json_children;
class json_writer;

/// One value of a `json_document`, with its name if it is a member of an object. It stands in front of what it contains.
class json_value {
 public:
  enum class type : std::uint8_t { null, boolean, integer, huge_integer, fraction, text, array, object };

  type kind() const noexcept { return type_; }
  /// "a string", for messages.
  std::string_view kind_name() const noexcept;
  std::string_view name() const noexcept { return {name_, name_size_}; }

  bool is_null() const noexcept { return type_ == type::null; }
  std::optional<bool> boolean() const noexcept;
  std::optional<std::string_view> text() const noexcept {
    if (type_ != type::text) return std::nullopt;
    return std::string_view(text_, size_);
  }
  /// Any number.
  std::optional<double> number() const noexcept;
  /// A number without a fraction, however it is written, that fits.
  std::optional<std::int64_t> integer() const noexcept;
  json_children elements() const noexcept;
  json_children members() const noexcept;
  /// The last member of this name; null if there is none, or this is no object.
  const json_value* member(std::string_view name) const noexcept;
  /// The value as JSON, as it was but for spaces and escapes.
  void write_to(json_writer& out) const;

 private:
  friend class json_children;
  friend class json_document;

  const char* name_ = nullptr;
  std::uint32_t name_size_ = 0;
  std::uint32_t extent_ = 1;  // this value and all in it
  union {                     // NOLINTBEGIN(readability-identifier-naming): its members count as public there
    std::int64_t integer_ = 0;
    std::uint64_t huge_;
    double fraction_;
    const char* text_;
  };  // NOLINTEND(readability-identifier-naming)
  std::uint32_t size_ = 0;  // of a text; of what is directly in an array or object
  type type_ = type::null;
};

inline void write(json_writer& out, const json_value& value) { value.write_to(out); }

/// The elements of an array or the members of an object; false of a value that is none.
class json_children {
 public:
  json_children() = default;
  explicit json_children(const json_value& parent) noexcept : parent_(&parent) {}
  explicit operator bool() const noexcept { return parent_ != nullptr; }

  class iterator {
   public:
    explicit iterator(const json_value* at) noexcept : at_(at) {}
    const json_value& operator*() const noexcept { return *at_; }
    const json_value* operator->() const noexcept { return at_; }
    iterator& operator++() noexcept {
      at_ += at_->extent_;
      return *this;
    }
    bool operator==(const iterator&) const noexcept = default;

   private:
    const json_value* at_;
  };
  iterator begin() const noexcept { return iterator(parent_ ? parent_ + 1 : nullptr); }
  iterator end() const noexcept { return iterator(parent_ ? parent_ + parent_->extent_ : nullptr); }
  std::size_t size() const noexcept { return parent_ ? parent_->size_ : 0; }

 private:
  const json_value* parent_ = nullptr;
};

inline json_children json_value::elements() const noexcept {
  return type_ == type::array ? json_children(*this) : json_children();
}

inline json_children json_value::members() const noexcept {
  return type_ == type::object ? json_children(*this) : json_children();
}

/// A parsed JSON text, flat: its values lie one behind the other in the order of the text, and their names and texts point into it where it has no
/// escapes. The text outlives the document. Ill-formed UTF-8 is kept as it is.
///
/// A value takes 32 bytes, and its text may be two: a hostile answer of small numbers would take sixteen times its size, so their number is bounded.
class json_document {
 public:
  static constexpr std::size_t max_values = std::size_t{8} << 20;

  explicit json_document(std::string_view text);
  json_document(const json_document&) = delete;
  json_document& operator=(const json_document&) = delete;

  /// Why the text is not JSON; empty if it is.
  const std::optional<decode_failure>& failure() const noexcept { return failure_; }
  /// Not to be asked for after a failure.
  const json_value& root() const noexcept { return values_.front(); }

 private:
  class builder;

  void parse(std::string_view text);

  boost::container::small_vector<json_value, 64, document_allocator<json_value, max_values>> values_;
  std::string unescaped_;  // never moves: its memory is there before the first pointer into it
  std::optional<decode_failure> failure_;
};

}  // namespace daytona::model
