#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace daytona::protocol {

/// What a terminal's server says of it, in whatever order (toolbox.md 7.3 to 7.5). Nothing is guessed: an end without an exit code has none.
class pty_conversation {
 public:
  /// A text message. False: it is output, as any text that is no control message.
  bool take_text(std::string_view message);
  /// The server's close frame.
  void take_close(std::optional<std::uint16_t> code, std::string_view reason);

  bool is_connected() const noexcept { return connected_; }  ///< It was said that input is taken.
  bool has_ended() const noexcept { return ended_; }         ///< It was said that the shell has ended.
  bool was_refused() const noexcept { return refused_; }     ///< It was said that there is nothing to connect to.
  std::optional<int> exit_code() const noexcept { return exit_code_; }
  const std::optional<std::string>& error() const noexcept { return error_; }

 private:
  void take_end(std::string_view json);

  bool connected_ = false, ended_ = false, refused_ = false;
  std::optional<int> exit_code_;
  std::optional<std::string> error_;
};

}  // namespace daytona::protocol
