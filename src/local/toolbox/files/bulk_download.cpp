#include "local/toolbox/files/bulk_download.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <optional>
#include <string_view>
#include <utility>

#include "local/http/envelope.hpp"
#include "local/http/http_error.hpp"
#include "local/toolbox/files/content_headers.hpp"
#include "local/toolbox/files/file_failure.hpp"
#include "local/toolbox/files/sent_file.hpp"
#include "model/json_writer.hpp"

namespace asio = boost::asio;

namespace daytona::local::toolbox {

namespace {

using http::http_error;

constexpr std::string_view boundary = "DAYTONA-FILE-BOUNDARY";

/// Throws `http_error`.
sent_file open_requested(const std::string& path) {
  if (path.empty()) throw http_error{400, "invalid file path: path is empty", "INVALID_FILE_PATH"};
  if (path.find('\0') != std::string::npos) throw http_error{400, "invalid file path: NUL in it", "INVALID_FILE_PATH"};
  sent_file file;
  file.descriptor = unique_fd{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
  if (!file.descriptor && (errno == ENOENT || errno == EACCES || errno == EPERM)) throw_not_seen(path, errno);
  if (!file.descriptor || ::fstat(file.descriptor.get(), &file.status) != 0)
    throw http_error{500, "failed to open file: open " + path + ": " + reason_text(errno), "FILE_READ_FAILED"};
  if (S_ISDIR(file.status.st_mode))
    throw http_error{400, "invalid file path: path points to a directory: " + path, "INVALID_FILE_PATH"};
  if (!S_ISREG(file.status.st_mode))
    throw http_error{400, "invalid file path: no regular file: " + path, "INVALID_FILE_PATH"};
  return file;
}

std::string error_text(const http_error& error, std::string_view path) {
  std::string text;
  model::json_writer out{text};
  out.begin_object();
  out.member("statusCode", static_cast<std::int64_t>(error.status()));
  out.member("message", std::string_view{error.message()});
  out.member("code", std::string_view{error.code()});
  out.member("timestamp", std::string_view{http::timestamp_now()});
  out.member("path", path);
  out.member("method", "POST");
  out.member("source", "DAYTONA_DAEMON");
  out.end_object();
  return text;
}

std::string part_head(std::string_view name, std::string_view path) {
  return fmt::format("--{}\r\nContent-Disposition: form-data; name=\"{}\"; {}\r\n", boundary, name,
                     filename_parameters(path));
}

asio::awaitable<void> send_file_part(http::exchange& exchange, std::string path, const sent_file& file) {
  const std::string head = part_head("file", path) +
                           fmt::format("Content-Length: {}\r\nContent-Type: {}\r\n\r\n", file.size(), media_type(path));
  co_await exchange.write(head);
  co_await send_part(exchange, file, 0, file.size());  // of those in /proc, which have no size, all there is
  co_await exchange.write("\r\n");
}

asio::awaitable<void> send_error_part(http::exchange& exchange, std::string path, const http_error& error) {
  const std::string part = part_head("error", path) + "Content-Type: application/json; charset=utf-8\r\n\r\n" +
                           error_text(error, path) + "\r\n";
  co_await exchange.write(part);
}

/// The next file that can be opened, or why it can't.
struct opened {
  std::optional<sent_file> file;
  std::optional<http_error> error;
};
opened try_to_open(const std::string& path) {
  opened result;
  try {
    result.file = open_requested(path);
  } catch (const http_error& error) {
    result.error = error;
  }
  return result;
}

}  // namespace

asio::awaitable<void> download_files(http::exchange& exchange, std::vector<std::string> paths) {
  http::header_fields headers;
  headers.set("Content-Type", fmt::format("multipart/form-data; boundary={}", boundary));
  std::optional<std::uint64_t> unknown;
  co_await exchange.begin(200, std::move(headers), unknown);
  for (const std::string& path : paths) {
    const opened next = try_to_open(path);
    if (next.file)
      co_await send_file_part(exchange, path, *next.file);
    else
      co_await send_error_part(exchange, path, *next.error);
  }
  const std::string end = fmt::format("--{}--\r\n", boundary);
  co_await exchange.write(end);
  co_await exchange.finish();
}

}  // namespace daytona::local::toolbox
