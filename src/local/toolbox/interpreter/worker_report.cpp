#include "local/toolbox/interpreter/worker_report.hpp"

#include <utility>

#include "model/json_writer.hpp"
#include "protocol/web_socket_frames.hpp"

namespace daytona::local::toolbox {

namespace {

constexpr std::size_t longest_error = 4 << 20;

}  // namespace

void worker_report::begin(std::shared_ptr<execution> program) {
  program_ = std::move(program);
  error_.clear();
  has_noticed_ = false;
}

worker_report::step worker_report::take(std::string_view packet) {
  const char kind = packet.front();
  packet.remove_prefix(1);
  switch (kind) {
    case 'o':
    case 'e':
      put_output(kind == 'o', packet);
      return step::none;
    case 's':
      return step::answer;
    case 'x':
      if (error_.size() < longest_error) error_ += packet;
      return step::none;
    case 'k':
      has_noticed_ = true;
      return step::none;
    case 'd':
    case 'i':
    case 'q':
      how_ = kind;
      return step::end_program;
    default:
      return step::none;
  }
}

void worker_report::put_output(bool is_stdout, std::string_view bytes) {
  if (program_) program_->put_output(is_stdout, bytes);
}

bool worker_report::end_program() {
  namespace close_code = protocol::web_socket::close_code;
  is_leaving_ = is_leaving_ || how_ == 'q';
  const auto program = std::exchange(program_, nullptr);
  if (!program) return false;
  if (!error_.empty()) program->put_error(error_);
  program->put_control(how_ == 'i' ? "interrupted" : "completed");
  if (how_ == 'd') program->end(close_code::normal, {});
  if (how_ == 'i') program->end(close_code::interrupted, {});
  if (how_ == 'q') program->end(close_code::going_away, "worker process ended");
  return true;
}

std::string worker_command(execution_request& request) {
  std::string line;
  model::json_writer out{line};
  out.begin_object();
  out.member("code", std::string_view{request.code});
  out.key("envs");
  out.begin_object();
  for (const auto& [name, value] : request.environment) out.member(name, std::string_view{value});
  out.end_object();
  out.end_object();
  request.code = {};
  return line += '\n';
}

}  // namespace daytona::local::toolbox
