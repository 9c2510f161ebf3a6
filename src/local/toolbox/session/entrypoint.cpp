#include "local/toolbox/session/entrypoint.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "local/toolbox/process/shell.hpp"
#include "local/toolbox/process/spawn.hpp"
#include "local/toolbox/session/output_capture.hpp"
#include "local/toolbox/session/shell_line.hpp"

namespace asio = boost::asio;

namespace daytona::local::toolbox {

namespace {

/// The entrypoint while it runs. Held by the callbacks that wait for its end.
struct running_entrypoint {
  std::shared_ptr<session_command> command;
  std::shared_ptr<output_capture> outputs;
  unique_fd input;  ///< Nobody writes to it.
  std::optional<int> exit_code;

  void look() {
    if (exit_code && outputs->has_ended()) command->end(*exit_code);
  }
};

struct pipe_ends {
  unique_fd read;
  unique_fd write;
};

std::optional<pipe_ends> make_pipe() {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::nullopt;
  return pipe_ends{unique_fd{ends[0]}, unique_fd{ends[1]}};
}

std::vector<std::string> environment_here() {
  std::vector<std::string> entries;
  for (char** entry = environ; *entry != nullptr; ++entry) entries.emplace_back(*entry);
  return entries;
}

/// Returns the error number, or 0.
int launch(const std::shared_ptr<running_entrypoint>& running, child_watcher& children) {
  auto input = make_pipe();
  auto output = make_pipe();
  auto errors = make_pipe();
  if (!input || !output || !errors) return errno;
  spawn_request request;
  request.arguments = {system_shell(), "-c", "exec " + running->command->text()};
  request.environment = environment_here();
  request.input = input->read.get();
  request.output = output->write.get();
  request.errors = errors->write.get();
  request.leads_session = true;
  pid_t process = -1;
  if (const int error = spawn(request, process); error != 0) return error;

  running->command->begin();
  running->input = std::move(input->write);
  ::fcntl(output->read.get(), F_SETFL, O_NONBLOCK);
  ::fcntl(errors->read.get(), F_SETFL, O_NONBLOCK);
  running->outputs->start(std::move(output->read), std::move(errors->read));
  children.watch(process, [running](int status) {
    running->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    running->look();
  });
  return 0;
}

}  // namespace

std::string entrypoint_text(const std::vector<std::string>& arguments) {
  std::string text;
  for (const auto& argument : arguments) {
    if (!text.empty()) text += ' ';
    text += single_quoted(argument);
  }
  return text;
}

std::shared_ptr<session_command> start_entrypoint(const asio::any_io_executor& executor, child_watcher& children,
                                                  const std::vector<std::string>& arguments,
                                                  const std::filesystem::path& folder,
                                                  std::shared_ptr<log_budget> budget) {
  const command_places places{folder};
  std::filesystem::create_directories(folder);
  http::byte_share no_memory{budget->texts()};
  auto log = std::make_shared<log_file>(places.log, std::move(budget));
  command_request request;
  request.text = entrypoint_text(arguments);
  const auto command =
      std::make_shared<session_command>(executor, entrypoint_command_id, request, log, std::move(no_memory));
  const auto running = std::make_shared<running_entrypoint>();
  running->command = command;
  running->outputs = std::make_shared<output_capture>(executor, log, [weak = std::weak_ptr{running}, command] {
    command->changed().tell();
    if (const auto self = weak.lock()) self->look();
  });
  if (const int error = launch(running, children); error != 0) command->end_unbegun(std::strerror(error));
  return command;
}

}  // namespace daytona::local::toolbox
