#pragma once

#include <string>
#include <string_view>

#include "daytona/detail/export.hpp"

namespace daytona::inline v0 {

/// Makes UTF-8 text of bytes that are cut anywhere, as those of a log, a terminal or a file read in parts are. One for each stream of bytes.
///
/// A character is given out when its last byte came; only the bytes of one that is not complete are held back, at most three. What is no UTF-8 becomes
/// U+FFFD, one for each maximal ill-formed part, so that the text of the parts is that of the whole, however it was cut.
class DAYTONA_API text_decoder {
 public:
  /// The text that `bytes` complete.
  std::string put(std::string_view bytes);
  /// The bytes have ended: U+FFFD for a character that was cut off, else nothing. What is put afterwards begins a new text.
  std::string finish();

 private:
  std::string held_;
};

}  // namespace daytona::inline v0
