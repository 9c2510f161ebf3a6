#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "local/http/message.hpp"
#include "model/json_writer.hpp"

namespace daytona::local::toolbox {

/// An answer that is an object of one member.
inline http::response json_member(std::string_view name, std::string_view value, unsigned status = 200) {
  std::string text;
  model::json_writer out{text};
  out.begin_object();
  out.member(name, value);
  out.end_object();
  return {status, std::move(text)};
}

}  // namespace daytona::local::toolbox
