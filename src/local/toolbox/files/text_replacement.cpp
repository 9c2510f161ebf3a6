#include "local/toolbox/files/text_replacement.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "local/isolation/unique_fd.hpp"
#include "local/toolbox/files/replaced_file.hpp"

namespace asio = boost::asio;

namespace daytona::local::toolbox {

namespace {

constexpr std::size_t replaced_at_once = 256 * 1024;
constexpr std::size_t steps_a_piece = 32;

}  // namespace

std::string text_replacer::put(std::string_view piece) {
  held_.append(piece);
  std::string done;
  std::string_view left = held_;
  for (auto found = left.find(old_); found != std::string_view::npos; found = left.find(old_)) {
    done.append(left.substr(0, found)).append(replacement_);
    left.remove_prefix(found + old_.size());
  }
  const std::size_t sure = left.size() - std::min(left.size(), old_.size() - 1);
  done.append(left.substr(0, sure));
  held_ = std::string{left.substr(sure)};
  return done;
}

std::string text_replacer::finish() { return std::exchange(held_, {}); }

asio::awaitable<void> replace_in_file(std::string path, std::string_view old, std::string_view replacement,
                                      turns& others) {
  const unique_fd from{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
  struct stat status{};
  if (!from || ::fstat(from.get(), &status) != 0) throw file_trouble{"open", path, errno};
  if (S_ISDIR(status.st_mode)) throw file_trouble{"read", path, EISDIR};
  replaced_file to{path};
  text_replacer replacer{old, replacement};
  std::vector<char> piece(replaced_at_once);
  for (;;) {
    const auto size = ::read(from.get(), piece.data(), piece.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) throw file_trouble{"read", path, errno};
    if (size == 0) break;
    to.write(replacer.put({piece.data(), static_cast<std::size_t>(size)}));
    if (others.is_over(steps_a_piece)) co_await others.end_turn();
  }
  to.write(replacer.finish());
  to.commit();
}

}  // namespace daytona::local::toolbox
