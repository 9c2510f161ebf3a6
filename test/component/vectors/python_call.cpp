#include "vectors/python_call.hpp"

#include <charconv>
#include <stdexcept>

namespace daytona::test {

namespace {

class parser {
 public:
  explicit parser(std::string_view source) : rest_(source) {}

  python_value expression() {
    skip_blanks();
    if (rest_.empty()) fail("an expression");
    const char first = rest_.front();
    if (first == '"' || first == '\'') return text();
    if (first == '[') return list();
    if (first == '{') return dict();
    if (first == '-' || is_digit(first)) return number();
    return name_or_call();
  }

  void expect_end() {
    skip_blanks();
    if (!rest_.empty()) fail("the end");
  }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  static bool is_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' || is_digit(c);
  }
  [[noreturn]] void fail(const std::string& wanted) const {
    throw std::invalid_argument("expected " + wanted + " at: " + std::string(rest_.substr(0, 40)));
  }
  void skip_blanks() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\n')) rest_.remove_prefix(1);
  }
  bool take(char c) {
    skip_blanks();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail(std::string(1, c));
  }

  python_value text() {
    python_value value;
    value.type = python_value::kind::text;
    const char quote = rest_.front();
    for (rest_.remove_prefix(1); !rest_.empty() && rest_.front() != quote; rest_.remove_prefix(1)) {
      char c = rest_.front();
      if (c == '\\' && rest_.size() > 1) {
        rest_.remove_prefix(1);
        c = rest_.front() == 'n' ? '\n' : rest_.front();
      }
      value.text.push_back(c);
    }
    expect(quote);
    return value;
  }

  python_value number() {
    python_value value;
    value.type = python_value::kind::number;
    const auto [end, failure] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value.number);
    if (failure != std::errc()) fail("a number");
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }

  python_value list() {
    python_value value;
    value.type = python_value::kind::list;
    expect('[');
    while (!take(']')) {
      value.items.push_back(expression());
      take(',');
    }
    return value;
  }

  python_value dict() {
    python_value value;
    value.type = python_value::kind::dict;
    expect('{');
    while (!take('}')) {
      auto key = expression();
      expect(':');
      value.named.emplace_back(std::move(key.text), expression());
      take(',');
    }
    return value;
  }

  python_value name_or_call() {
    std::size_t size = 0;
    while (size < rest_.size() && is_name(rest_[size])) ++size;
    if (size == 0) fail("a name");
    python_value value;
    value.text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    value.type = python_value::kind::name;
    if (value.text == "None") value.type = python_value::kind::none;
    if (value.text == "True" || value.text == "False") {
      value.type = python_value::kind::boolean;
      value.boolean = value.text == "True";
    }
    if (!take('(')) return value;
    value.type = python_value::kind::call;
    while (!take(')')) {
      add_argument(value);
      take(',');
    }
    return value;
  }

  void add_argument(python_value& call) {
    auto value = expression();
    if (value.type != python_value::kind::name || !take('=')) return call.items.push_back(std::move(value));
    call.named.emplace_back(std::move(value.text), expression());
  }

  std::string_view rest_;
};

}  // namespace

const python_value* python_value::argument(std::string_view name) const {
  for (const auto& [key, value] : named)
    if (key == name) return &value;
  return nullptr;
}

std::map<std::string, std::string> python_value::texts() const {
  std::map<std::string, std::string> all;
  for (const auto& [key, value] : named) all[key] = value.text;
  return all;
}

python_value parse_python(std::string_view source) {
  const auto equals = source.find(" = ");
  const auto bracket = source.find('(');
  if (equals != std::string_view::npos && equals < bracket) source.remove_prefix(equals + 3);
  parser reading{source};
  auto value = reading.expression();
  reading.expect_end();
  return value;
}

}  // namespace daytona::test
