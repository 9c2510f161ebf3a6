#include "local/toolbox/session/log_answer.hpp"

#include <daytona/text_decoder.hpp>

#include <system_error>
#include <utility>

#include "local/http/http_error.hpp"

namespace asio = boost::asio;

namespace daytona::local::toolbox {

namespace {

asio::awaitable<void> answer_with_text(http::exchange& exchange, log_part_reader reader) {
  piecewise_answer answer{exchange, "text/plain; charset=utf-8"};
  for (;;) {
    const std::string bytes = reader.next();
    if (bytes.empty()) break;
    answer.text() += bytes;
    co_await answer.pass_on();
  }
  answer.text() += reader.rest();
  co_await answer.finish();
}

}  // namespace

opened_log open_log(const log_file& log) {
  try {
    return log.open_to_read();
  } catch (const std::system_error& failure) {
    throw http::http_error{404, std::string{"not found: the log of this command is gone: "} + failure.what(),
                           "NOT_FOUND"};
  }
}

asio::awaitable<void> write_json_text(piecewise_answer& answer, log_part_reader part) {
  text_decoder decoder;
  answer.text() += '"';
  for (;;) {
    const std::string bytes = part.next();
    if (bytes.empty()) break;
    append_json_escaped(answer.text(), decoder.put(bytes));
    co_await answer.pass_on();
  }
  append_json_escaped(answer.text(), decoder.put(part.rest()));
  append_json_escaped(answer.text(), decoder.finish());
  answer.text() += '"';
}

asio::awaitable<void> write_log_members(piecewise_answer& answer, opened_log file, std::uint64_t size,
                                        output_format format, bool has_nulls) {
  const log_part whole = format == output_format::combined ? log_part::unmarked : log_part::marked;
  answer.text() += "\"output\":";
  log_part_reader output{file, size, whole};
  co_await write_json_text(answer, std::move(output));
  if (format != output_format::split) {
    if (has_nulls) answer.text() += ",\"stdout\":null,\"stderr\":null";
    co_return;
  }
  answer.text() += ",\"stdout\":";
  log_part_reader out{file, size, log_part::stdout_};
  co_await write_json_text(answer, std::move(out));
  answer.text() += ",\"stderr\":";
  log_part_reader err{file, size, log_part::stderr_};
  co_await write_json_text(answer, std::move(err));
}

asio::awaitable<void> answer_with_log(http::exchange& exchange, std::shared_ptr<log_file> log, output_format format) {
  const opened_log file = open_log(*log);
  const auto size = log->size();
  if (format != output_format::split) {
    log_part_reader text{file, size, format == output_format::combined ? log_part::unmarked : log_part::marked};
    co_await answer_with_text(exchange, std::move(text));
    co_return;
  }
  piecewise_answer answer{exchange, "application/json; charset=utf-8"};
  answer.text() += '{';
  co_await write_log_members(answer, file, size, format, false);
  answer.text() += '}';
  co_await answer.finish();
}

}  // namespace daytona::local::toolbox
