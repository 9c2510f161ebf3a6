#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace daytona::model {

/// Appends one JSON value to a string. Commas come by themselves; that brackets match is the caller's care.
///
/// The output is always well-formed: ill-formed UTF-8 becomes U+FFFD, a number that is not finite becomes null, and a
/// number that is whole is written without fraction and exponent, because servers refuse `1E0` for an integer.
class json_writer {
 public:
  explicit json_writer(std::string& out) : out_(out), start_(out.size()) {}

  void begin_object() { open('{'); }
  void end_object() { out_.push_back('}'); }
  void begin_array() { open('['); }
  void end_array() { out_.push_back(']'); }

  /// Begins the member `name` of the object that is open; its value comes next.
  void key(std::string_view name);

  void value(std::string_view text);
  void value(const char* text) { value(std::string_view(text)); }
  void value(bool flag);
  void value(std::int64_t number);
  void value(int number) { value(std::int64_t{number}); }
  void value(double number);
  void null();
  /// Appends `json`, which is one JSON value already.
  void raw(std::string_view json);

  template <class Value>
  void member(std::string_view name, const Value& member_value) {
    key(name);
    value(member_value);
  }

 private:
  void separate();
  void open(char bracket);
  void append_quoted(std::string_view text);
  std::string& out_;
  std::size_t start_;
};

}  // namespace daytona::model
