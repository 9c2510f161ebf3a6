#include "local/toolbox/interpreter/code_context.hpp"

#include <boost/asio/co_spawn.hpp>
#include <signal.h>
#include <sys/wait.h>

#include <cstring>
#include <system_error>
#include <utility>

#include "local/http/envelope.hpp"
#include "local/toolbox/identifiers.hpp"
#include "local/toolbox/interpreter/time_limit.hpp"
#include "local/toolbox/process/process_family.hpp"
#include "protocol/web_socket_frames.hpp"

namespace asio = boost::asio;

namespace daytona::local::toolbox {

namespace {

namespace close_code = protocol::web_socket::close_code;

}  // namespace

code_context::code_context(const interpreter_surroundings& around, std::string id, std::string directory)
    : around_{around},
      id_{std::move(id)},
      directory_{std::move(directory)},
      mark_{new_uuid()},
      created_at_{http::timestamp_now()},
      changed_{around.executor} {}

std::shared_ptr<code_context> code_context::start(const interpreter_surroundings& around, std::string id,
                                                  std::string directory) {
  const std::shared_ptr<code_context> made{new code_context{around, std::move(id), std::move(directory)}};
  made->start_worker();
  asio::co_spawn(around.executor, run_programs(made), [made](std::exception_ptr) { made->on_last_program(); });
  return made;
}

void code_context::start_worker() {
  worker_ = worker::start(around_.executor, around_.children, mark_, directory_, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->changed_.tell();
  });
}

bool code_context::add(const program_ptr& program) {
  if (!runs_ || waiting_.size() >= around_.limits.waiting) return false;
  waiting_.push_back(program);
  changed_.tell();
  return true;
}

asio::awaitable<void> code_context::run_programs(std::shared_ptr<code_context> self) {
  while (!self->is_ending_) {
    if (self->waiting_.empty()) {
      co_await self->changed_.next();
      continue;
    }
    const auto program = self->waiting_.front();
    self->waiting_.pop_front();
    try {
      co_await run(self, program);
    } catch (const std::exception& failure) {
      program->end(close_code::internal_error, failure.what());
      self->worker_->kill();
    }
  }
}

void code_context::on_last_program() {
  runs_ = false;
  for (const auto& each : std::exchange(waiting_, {})) each->end(close_code::going_away, "context shutdown");
  changed_.tell();
}

asio::awaitable<void> code_context::run(std::shared_ptr<code_context> self, program_ptr program) {
  if (!self->has_worker_for(*program)) co_return;
  const auto runs = self->worker_;
  const auto limit = time_limit::start(self->around_.executor, runs, program);
  const auto killed_before = self->around_.memory.ended();
  runs->run(program);
  while (!program->is_over() && !runs->status()) co_await self->changed_.next();
  if (limit->has_passed()) program->end(close_code::interrupted, {});
  if (!program->is_over()) program->end(close_code::going_away, self->reason_of_end(killed_before));
  limit->stop();
}

bool code_context::has_worker_for(execution& program) {
  if (is_active()) return true;
  try {
    start_worker();
    return true;
  } catch (const std::system_error& failure) {
    program.end(close_code::internal_error, std::string{"can't start the interpreter: "} + failure.what());
    return false;
  }
}

std::string code_context::reason_of_end(std::uint64_t killed_before) const {
  const int status = *worker_->status();
  std::string reason = "worker process ended";
  if (!WIFSIGNALED(status)) return reason;
  const int number = WTERMSIG(status);
  if (number == SIGKILL && around_.memory.ended() != killed_before) return reason + ": " + around_.memory.last_end();
  const char* name = ::sigdescr_np(number);
  return reason + " by signal " + std::to_string(number) + (name == nullptr ? "" : std::string{" ("} + name + ")");
}

asio::awaitable<void> code_context::end(std::shared_ptr<code_context> self) {
  self->is_ending_ = true;
  self->changed_.tell();
  const auto runs = self->worker_;
  family_heads heads;
  if (!runs->status()) heads.shell = runs->process();
  std::string mark = std::string{context_variable} + "=" + self->mark_;
  co_await end_family(heads, context_grace, std::move(mark));
  while (self->runs_ || !runs->status()) co_await self->changed_.next();
}

}  // namespace daytona::local::toolbox
