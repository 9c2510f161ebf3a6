#pragma once

#include <sys/types.h>

#include <stdexcept>
#include <string>
#include <string_view>

#include "local/isolation/unique_fd.hpp"

namespace daytona::local::toolbox {

/// Why something with a file could not be done: `open /etc/x: permission denied`.
class file_trouble : public std::runtime_error {
 public:
  file_trouble(std::string_view what, std::string_view path, int error);
};

/// The new content of a file, which nobody sees before it is whole: it is written to a file without a name, in the same folder, that takes the place of
/// the old one. Links are followed, also one that leads to nothing yet. A file that is there keeps its permissions; another gets 0666 less the umask. Where the folder lets
/// nothing new in, the old file is written to at the end.
class replaced_file {
 public:
  /// Throws `file_trouble`.
  explicit replaced_file(std::string path);
  replaced_file(const replaced_file&) = delete;
  replaced_file& operator=(const replaced_file&) = delete;
  ~replaced_file();

  /// Throws `file_trouble`.
  void write(std::string_view bytes);
  /// Puts it in its place. Throws `file_trouble`; then the old file is as it was.
  void commit();

 private:
  void create();
  void put_in_place();
  void overwrite();
  [[noreturn]] void fail(const char* what, int error) const;

  std::string path_;    // as it was asked for
  std::string target_;  // where links lead
  std::string beside_;  // the new file, where the file system has none without a name
  unique_fd file_;
  mode_t mode_ = 0;
  bool exists_ = false;
  bool is_beside_ = true;  // of the same file system, so that it can take the place
};

}  // namespace daytona::local::toolbox
