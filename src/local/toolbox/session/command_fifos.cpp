#include "local/toolbox/session/command_fifos.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace daytona::local::toolbox {

namespace {

void check_fifo(bool succeeded, const std::filesystem::path& path) {
  if (!succeeded) throw std::system_error{errno, std::generic_category(), path.string()};
}

void make_fifo(const std::filesystem::path& path) { check_fifo(::mkfifo(path.c_str(), 0600) == 0, path); }

unique_fd open_fifo(const std::filesystem::path& path, int direction) {
  unique_fd end{::open(path.c_str(), direction | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)};
  check_fifo(static_cast<bool>(end), path);
  struct stat status{};
  check_fifo(::fstat(end.get(), &status) == 0 && S_ISFIFO(status.st_mode), path);
  return end;
}

}  // namespace

command_fifos make_fifos(const command_places& places, bool takes_input) {
  make_fifo(places.output);
  make_fifo(places.errors);
  command_fifos fifos;
  fifos.output = open_fifo(places.output, O_RDONLY);
  fifos.errors = open_fifo(places.errors, O_RDONLY);
  fifos.kept_output = open_fifo(places.output, O_WRONLY);
  fifos.kept_errors = open_fifo(places.errors, O_WRONLY);
  if (!takes_input) return fifos;
  make_fifo(places.input);
  // Both ends at once: to write alone it could only be opened once the shell reads.
  fifos.input = open_fifo(places.input, O_RDWR);
  return fifos;
}

void remove_running_files(const command_places& places) {
  for (const auto& path : {places.script, places.input, places.output, places.errors}) ::unlink(path.c_str());
}

}  // namespace daytona::local::toolbox
