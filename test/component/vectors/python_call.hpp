#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace daytona::test {

struct python_member;

/// A Python expression of the kind the recorded calls are made of: literals, names, and calls of names.
struct python_value {
  enum class kind { none, boolean, number, text, name, list, dict, call };

  kind type = kind::none;
  bool boolean = false;
  double number = 0;
  std::string text;                  // of a text or a name; of a call, what is called
  std::vector<python_value> items;   // of a list; the positional arguments of a call
  std::vector<python_member> named;  // the named arguments of a call, the members of a dict

  const python_value* argument(std::string_view name) const;
  std::map<std::string, std::string> texts() const;
  bool is_call(std::string_view name) const { return type == kind::call && text == name; }
};

struct python_member {
  std::string name;
  python_value value;
};

/// Reads `source`; an assignment is read as its right side. Throws `std::invalid_argument` for what it does not know.
python_value parse_python(std::string_view source);

}  // namespace daytona::test
