#pragma once

#include <boost/asio/awaitable.hpp>

#include <memory>

#include "local/http/exchange.hpp"
#include "local/toolbox/piecewise_answer.hpp"
#include "local/toolbox/session/log_file.hpp"
#include "local/toolbox/session/log_reader.hpp"
#include "local/toolbox/session/output_format.hpp"

namespace daytona::local::toolbox {

/// Appends a part of a log as one JSON text. What is no UTF-8 in it becomes U+FFFD.
boost::asio::awaitable<void> write_json_text(piecewise_answer& answer, log_part_reader part);
/// Appends `"output":…` of the first `size` bytes of a log, and, if it is to be split, `"stdout":…,"stderr":…`, else null for those if `has_nulls`.
boost::asio::awaitable<void> write_log_members(piecewise_answer& answer, opened_log file, std::uint64_t size,
                                               output_format format, bool has_nulls);
/// Throws `http_error` 404 if the log is gone.
opened_log open_log(const log_file& log);

/// Answers with a log up to now: as JSON if it is to be split, else as the text itself. Throws as `open_log`.
boost::asio::awaitable<void> answer_with_log(http::exchange& exchange, std::shared_ptr<log_file> log,
                                             output_format format);

}  // namespace daytona::local::toolbox
