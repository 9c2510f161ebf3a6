#include "local/toolbox/interpreter/execution.hpp"

#include <stdexcept>
#include <utility>

#include "local/toolbox/request_fields.hpp"
#include "model/json_writer.hpp"

namespace daytona::local::toolbox {

namespace {

constexpr std::size_t longest_text = 32 * 1024;
constexpr std::size_t most_unread = 4 * 1024 * 1024;

const char* name_of_output(bool is_stdout) { return is_stdout ? "stdout" : "stderr"; }

}  // namespace

execution_request::execution_request() = default;

execution::execution(const boost::asio::any_io_executor& executor, execution_request request,
                     std::shared_ptr<void> share)
    : request_{std::move(request)}, share_{std::move(share)}, changed_{executor} {}

void execution::put_output(bool is_stdout, std::string_view bytes) {
  put_text(is_stdout, (is_stdout ? stdout_ : stderr_).put(bytes));
}

void execution::put_text(bool is_stdout, std::string text) {
  if (text.empty() || is_abandoned_) return;
  const char* type = name_of_output(is_stdout);
  const bool goes_on =
      !messages_.empty() && messages_.back().type == type && messages_.back().text.size() < longest_text;
  if (!goes_on) return put({type, std::move(text), {}, {}, {}});
  if (is_hurried_ && waiting_ > most_unread) return;
  messages_.back().text += text;
  waiting_ += text.size();
  changed_.tell();
}

void execution::put_error(std::string_view json) {
  put_rests();
  message told{"error", {}, {}, {}, {}};
  try {
    const request_fields fields{json};
    told.name = fields.text("name");
    told.value = fields.text("value");
    told.traceback = fields.text("traceback");
  } catch (const std::invalid_argument&) {
    return;  // what a worker can't tell
  }
  put(std::move(told));
}

void execution::put_control(std::string_view text) {
  put_rests();
  put({"control", std::string{text}, {}, {}, {}});
}

void execution::put_rests() {
  put_text(true, stdout_.finish());
  put_text(false, stderr_.finish());
}

void execution::put(message what) {
  const bool may_be_dropped = what.type.starts_with("std");
  if (is_abandoned_ || (may_be_dropped && is_hurried_ && waiting_ > most_unread)) return;
  waiting_ += what.weight();
  messages_.push_back(std::move(what));
  changed_.tell();
}

void execution::end(std::uint16_t code, std::string reason) {
  if (end_) return;
  put_rests();
  end_ = execution_end{code, std::move(reason)};
  share_.reset();
  changed_.tell();
}

std::optional<std::string> execution::take_message() {
  if (messages_.empty()) return std::nullopt;
  const message what = std::move(messages_.front());
  messages_.pop_front();
  waiting_ -= what.weight();
  changed_.tell();
  std::string text;
  model::json_writer out{text};
  out.begin_object();
  out.member("type", std::string_view{what.type});
  out.member("text", std::string_view{what.text});
  out.member("name", std::string_view{what.name});
  out.member("value", std::string_view{what.value});
  out.member("traceback", std::string_view{what.traceback});
  out.end_object();
  return text;
}

void execution::hurry() {
  is_hurried_ = true;
  changed_.tell();
}

void execution::abandon() {
  is_abandoned_ = true;
  messages_.clear();
  waiting_ = 0;
  changed_.tell();
}

}  // namespace daytona::local::toolbox
