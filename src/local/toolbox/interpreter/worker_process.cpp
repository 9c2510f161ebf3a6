#include "local/toolbox/interpreter/worker_process.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "local/toolbox/process/environment.hpp"
#include "local/toolbox/process/pipe_ends.hpp"
#include "local/toolbox/process/spawn.hpp"

namespace daytona::local::toolbox {

namespace {

constexpr const char* usual_path = "/usr/local/bin:/usr/bin:/bin";
// It reads the rest of itself from its channel: what a list of processes shows stays short.
constexpr const char* first_program = "import os; exec(compile(os.read(0, 1 << 16), '<interpreter>', 'exec'))";

pipe_ends make_output_pipe() {
  auto made = make_pipe();
  ::fcntl(made.read.get(), F_SETFL, O_NONBLOCK);
  return made;
}

void check_directory(const std::string& directory) {
  if (directory.empty()) return;
  std::error_code error;
  const auto status = std::filesystem::status(directory, error);
  if (std::filesystem::is_directory(status)) return;
  check_error(error && !std::filesystem::exists(status) ? error.value() : ENOTDIR, directory);
}

bool is_program(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

std::string find_interpreter(std::string_view path) {
  for (const char* name : {"/python3", "/python"}) {
    for (auto rest = path; !rest.empty();) {
      const auto end = std::min(rest.find(':'), rest.size());
      const auto found = std::string{rest.substr(0, end)} + name;
      if (found.front() == '/' && is_program(found)) return found;
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return {};
}

worker_process start_worker_process(const std::string& mark, const std::string& directory) {
  check_directory(directory);
  const char* path = std::getenv("PATH");
  const auto program = find_interpreter(path == nullptr ? usual_path : path);
  check_error(program.empty() ? ENOENT : 0,
              "neither python3 nor python is on the PATH of this sandbox: install python3");

  int channel[2] = {-1, -1};
  check_system(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel) == 0, "make a socket");
  worker_process started;
  started.channel.reset(channel[0]);
  const unique_fd its_channel{channel[1]};
  auto output = make_output_pipe();
  auto errors = make_output_pipe();
  const auto sent = ::send(started.channel.get(), worker_program.data(), worker_program.size(), MSG_NOSIGNAL);
  check_system(sent == static_cast<ssize_t>(worker_program.size()), "hand over the interpreter's program");
  ::fcntl(started.channel.get(), F_SETFL, O_NONBLOCK);

  spawn_request request;
  request.arguments = {program, "-c", first_program};
  request.environment = merged_environment({{context_variable, mark}});
  request.cwd = directory;
  request.input = its_channel.get();
  request.output = output.write.get();
  request.errors = errors.write.get();
  request.leads_session = true;
  const int error = spawn(request, started.process);
  check_error(error, "start " + program);
  started.output = std::move(output.read);
  started.errors = std::move(errors.read);
  return started;
}

}  // namespace daytona::local::toolbox
