#pragma once

#include <boost/system/result.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/json_value.hpp"
#include "model/json_writer.hpp"

/// The tolerant reader: unknown members, missing optional ones, null for "not given" and unknown enumerators are read
/// past; a value of another type than its member has, and a required member that is missing, are failures that name the
/// member's path.
namespace daytona::model {

template <class T>
using decoded = boost::system::result<T, decode_failure>;

/// A value and the way to it from the root, which costs nothing until it has to be told.
class json_node {
 public:
  json_node(const json_value& value, std::optional<decode_failure>& failure) : value_(value), failure_(failure) {}

  const json_value& value() const noexcept { return value_; }
  json_node member(std::string_view name, const json_value& value) const { return {value, this, name, 0}; }
  json_node element(std::size_t index, const json_value& value) const { return {value, this, {}, index}; }

  /// Notes that this value is not `expected` ("a string"). The first failure of a document is the one that is told.
  void expect_failed(std::string_view expected) const;
  /// Notes that the required member `name` is not there.
  void member_missing(std::string_view name) const;
  bool failed() const noexcept { return failure_.has_value(); }

 private:
  json_node(const json_value& value, const json_node* parent, std::string_view name, std::size_t index)
      : value_(value), failure_(parent->failure_), parent_(parent), name_(name), index_(index) {}
  std::string path() const;

  const json_value& value_;
  std::optional<decode_failure>& failure_;
  const json_node* parent_ = nullptr;
  std::string_view name_;  // of a member; of an element it is empty
  std::size_t index_ = 0;
};

void read(const json_node& node, std::string& out);
void read(const json_node& node, std::optional<std::string>& out);
void read(const json_node& node, bool& out);
void read(const json_node& node, double& out);
void read(const json_node& node, std::int64_t& out);
/// A fraction counts as one minute more, away from zero: half a minute is neither "off" nor "at once".
void read(const json_node& node, std::chrono::minutes& out);
void read(const json_node& node, std::map<std::string, std::string>& out);
// The overloads for structs stand beside them; argument-dependent lookup finds them by `node`.

template <class T>
void read(const json_node& node, std::optional<T>& out) {
  read(node, out.emplace());
}

template <class T>
void read(const json_node& node, std::vector<T>& out) {
  const auto elements = node.value().elements();
  if (!elements) return node.expect_failed("an array");
  out.clear();  // a member that is given twice: the last counts
  out.reserve(elements.size());
  for (const json_value& each : elements) {
    const std::size_t index = out.size();
    read(node.element(index, each), out.emplace_back());
  }
}

/// Decodes `text` into `out`, which is as made by default, or says why it can't. Ill-formed UTF-8 is kept as it is: bytes first, text second.
template <class T>
std::optional<decode_failure> read_json(std::string_view text, T& out) {
  const json_document document(text);
  if (document.failure()) return document.failure();

  std::optional<decode_failure> failure;
  read(json_node(document.root(), failure), out);
  return failure;
}

template <class T>
decoded<T> from_json(std::string_view text) {
  T out{};
  auto failure = read_json(text, out);
  if (failure) return *std::move(failure);
  return out;
}

inline void write(json_writer& out, const std::string& text) { out.value(std::string_view(text)); }
inline void write(json_writer& out, bool flag) { out.value(flag); }
inline void write(json_writer& out, double number) { out.value(number); }
inline void write(json_writer& out, std::int64_t number) { out.value(number); }
inline void write(json_writer& out, std::chrono::minutes interval) { out.value(std::int64_t{interval.count()}); }
void write(json_writer& out, const std::map<std::string, std::string>& map);
void write(json_writer& out, const json_value& value);

template <class T>
void write(json_writer& out, const std::vector<T>& elements) {
  out.begin_array();
  for (const T& element : elements) write(out, element);
  out.end_array();
}

/// The JSON text of `object`.
template <class T>
std::string to_json(const T& object) {
  std::string text;
  json_writer out(text);
  write(out, object);
  return text;
}

}  // namespace daytona::model
