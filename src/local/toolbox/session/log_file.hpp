#pragma once

#include <daytona/session_logs.hpp>

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "local/isolation/unique_fd.hpp"
#include "local/toolbox/session/log_budget.hpp"
#include "local/toolbox/session/log_labeller.hpp"

namespace daytona::local::toolbox {

/// The log of one command on disk: both outputs, in the order in which they came. Grows up to a limit; what comes after that is left out, and a line
/// at its end says so.
class log_file {
 public:
  /// Makes the file, which must not exist, and leaves it closed. Throws `std::system_error`.
  log_file(std::filesystem::path path, std::shared_ptr<log_budget> budget);
  ~log_file();
  log_file(const log_file&) = delete;
  log_file& operator=(const log_file&) = delete;

  /// Before the first `append`. Throws `std::system_error` if the file is not there any longer, or another one is.
  void open();
  void append(log_source source, std::string_view bytes);
  /// Nothing is appended any longer.
  void close() { file_.reset(); }
  /// How many bytes are in it, all of them whole labels and payload.
  std::uint64_t size() const { return size_; }

  /// The file, to be read, whatever becomes of its name: that which is open, or else one that is opened, as `open` does. Throws the same.
  std::shared_ptr<const unique_fd> open_to_read() const;

 private:
  std::shared_ptr<const unique_fd> open_own(int direction) const;
  bool is_within_limits(std::uint64_t more, std::string& why);
  void write(std::string_view text);
  void end_with(const std::string& why);

  std::filesystem::path path_;
  std::shared_ptr<log_budget> budget_;
  std::shared_ptr<const unique_fd> file_;
  dev_t device_ = 0;
  ino_t number_ = 0;
  log_labeller labels_;
  std::string text_;  // of one append; its memory is used again
  std::uint64_t size_ = 0;
  std::uint64_t counted_ = 0;  // of the budget
  bool is_full_ = false;
};

}  // namespace daytona::local::toolbox
