#include "local/toolbox/session/log_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "local/isolation/file_text.hpp"

namespace daytona::local::toolbox {

namespace {

[[noreturn]] void throw_log_error(int error, const std::string& what) {
  throw std::system_error{error, std::generic_category(), what};
}

}  // namespace

log_file::log_file(std::filesystem::path path, std::shared_ptr<log_budget> budget)
    : path_{std::move(path)}, budget_{std::move(budget)} {
  const unique_fd made{::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
  if (!made) throw_log_error(errno, path_);
  struct stat status{};
  ::fstat(made.get(), &status);
  device_ = status.st_dev;
  number_ = status.st_ino;
}

log_file::~log_file() { budget_->give_back(counted_); }

void log_file::open() {
  if (!file_) file_ = open_own(O_RDWR);
}

/// What somebody has put in its place is not waited for: to open a FIFO would take for ever.
std::shared_ptr<const unique_fd> log_file::open_own(int direction) const {
  unique_fd file{::open(path_.c_str(), direction | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
  if (!file && errno != ELOOP && errno != ENXIO) throw_log_error(errno, path_);
  struct stat status{};
  const bool is_own = file && ::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode) &&
                      status.st_dev == device_ && status.st_ino == number_;
  if (!is_own) throw_log_error(ENOENT, "another file is in the place of " + path_.string());
  return std::make_shared<const unique_fd>(std::move(file));
}

void log_file::append(log_source source, std::string_view bytes) {
  if (is_full_ || !file_) return;
  text_.clear();
  labels_.append(source, bytes, text_);
  std::string why;
  if (!is_within_limits(text_.size(), why)) return end_with(why);
  counted_ += text_.size();
  write(text_);
}

bool log_file::is_within_limits(std::uint64_t more, std::string& why) {
  const auto limit = budget_->limits().log_size;
  if (size_ + more <= limit) return budget_->take(more, file_->get(), why);
  why = "a log may have " + std::to_string(limit) + " bytes";
  return false;
}

void log_file::write(std::string_view text) {
  if (write_all(*file_, text)) {
    size_ += text.size();
    return;
  }
  const std::string why = std::strerror(errno);
  [[maybe_unused]] const int cut = ::ftruncate(file_->get(), static_cast<off_t>(size_));
  ::lseek(file_->get(), static_cast<off_t>(size_), SEEK_SET);
  if (!is_full_) end_with(why);
}

// Outside the limits: it is one line.
void log_file::end_with(const std::string& why) {
  is_full_ = true;
  const std::string begin = labels_.is_at_line_start() ? "" : "\n";
  std::string note;
  labels_.append(log_source::stderr_, begin + "[daytona: the output from here on was left out: " + why + "]\n", note);
  write(note);
}

std::shared_ptr<const unique_fd> log_file::open_to_read() const { return file_ ? file_ : open_own(O_RDONLY); }

}  // namespace daytona::local::toolbox
