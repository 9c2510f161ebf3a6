#pragma once

#include <boost/asio/awaitable.hpp>

#include <string>
#include <string_view>

#include "local/toolbox/files/turns.hpp"

namespace daytona::local::toolbox {

/// Replaces a text wherever it is found in a stream of bytes that comes in pieces.
class text_replacer {
 public:
  /// `old` is not empty.
  text_replacer(std::string_view old, std::string_view replacement) : old_{old}, replacement_{replacement} {}

  /// What is sure to come out by now.
  std::string put(std::string_view piece);
  std::string finish();

 private:
  std::string_view old_;
  std::string_view replacement_;
  std::string held_;  // may begin an `old_`
};

/// Replaces `old` by `replacement` wherever it is in the file, which others see as it was or as it will be. Its permissions stay. Throws `file_trouble`.
boost::asio::awaitable<void> replace_in_file(std::string path, std::string_view old, std::string_view replacement,
                                             turns& others);

}  // namespace daytona::local::toolbox
