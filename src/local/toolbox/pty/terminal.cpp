#include "local/toolbox/pty/terminal.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "local/toolbox/process/system_check.hpp"

namespace daytona::local::toolbox {

terminal::terminal(terminal_size size) : master_{::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)} {
  check_system(static_cast<bool>(master_), "open a terminal");
  check_system(::grantpt(master_.get()) == 0 && ::unlockpt(master_.get()) == 0, "unlock a terminal");
  std::array<char, 64> name{};
  check_system(::ptsname_r(master_.get(), name.data(), name.size()) == 0, "find a terminal's name");
  path_ = name.data();
  set_size(master_.get(), size);
}

unique_fd open_program_side(const std::string& path) {
  unique_fd opened{::open(path.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC)};
  check_system(static_cast<bool>(opened), path);
  return opened;
}

void set_size(int descriptor, terminal_size size) {
  winsize wanted{};
  wanted.ws_col = size.cols;
  wanted.ws_row = size.rows;
  check_system(::ioctl(descriptor, TIOCSWINSZ, &wanted) == 0, "set a terminal's size");
}

std::string read_output(int descriptor, std::size_t most) {
  thread_local std::array<char, 32 * 1024> buffer;
  std::string output;
  while (output.size() < most) {
    const auto room = std::min(buffer.size(), most - output.size());
    const auto size = ::read(descriptor, buffer.data(), room);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    output.append(buffer.data(), static_cast<std::size_t>(size));
  }
  return output;
}

std::size_t type(int descriptor, std::string_view bytes) {
  std::size_t typed = 0;
  while (typed < bytes.size()) {
    const auto size = ::write(descriptor, bytes.data() + typed, bytes.size() - typed);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno != EAGAIN) throw std::system_error{errno, std::generic_category(), "type into a terminal"};
    if (size <= 0) break;
    typed += static_cast<std::size_t>(size);
  }
  return typed;
}

}  // namespace daytona::local::toolbox
