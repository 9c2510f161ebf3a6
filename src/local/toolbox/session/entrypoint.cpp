#include "local/toolbox/session/entrypoint.hpp"

#include <fcntl.h>
#include <sys/wait.h>

#include <cstring>
#include <optional>
#include <system_error>
#include <utility>

#include "local/toolbox/process/environment.hpp"
#include "local/toolbox/process/pipe_ends.hpp"
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

/// Throws `std::system_error`.
void launch(const std::shared_ptr<running_entrypoint>& running, child_watcher& children) {
  auto input = make_pipe();
  auto output = make_pipe();
  auto errors = make_pipe();
  spawn_request request;
  request.arguments = {system_shell(), "-c", "exec " + running->command->text()};
  request.environment = merged_environment({});
  request.input = input.read.get();
  request.output = output.write.get();
  request.errors = errors.write.get();
  request.leads_session = true;
  pid_t process = -1;
  check_error(spawn(request, process), "start it");

  running->command->begin();
  running->input = std::move(input.write);
  ::fcntl(output.read.get(), F_SETFL, O_NONBLOCK);
  ::fcntl(errors.read.get(), F_SETFL, O_NONBLOCK);
  running->outputs->start(std::move(output.read), std::move(errors.read));
  children.watch(process, [running](int status) {
    running->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    running->look();
  });
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
  const auto log = std::make_shared<log_file>(places.log, std::move(budget));
  log->open();
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
  try {
    launch(running, children);
    command->begin();
  } catch (const std::system_error& failure) {
    command->end_unbegun(std::strerror(failure.code().value()));
  }
  return command;
}

}  // namespace daytona::local::toolbox
