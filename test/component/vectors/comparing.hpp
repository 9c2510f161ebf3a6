#pragma once

#include <boost/json/value.hpp>

#include <map>
#include <set>
#include <string>

namespace daytona::test {

/// A request, as far as it is compared.
struct asked {
  std::string line;
  std::multiset<std::string> query;
  std::string body;
  std::map<std::string, std::string> headers;

  bool operator==(const asked&) const = default;
};

/// `header_lists` is what headers.json holds.
asked recorded_request(const boost::json::object& request, const boost::json::object& header_lists);
asked sent_request(const std::string& bytes);

/// The text of a recorded body.
std::string text_of(const boost::json::value& body);

}  // namespace daytona::test
