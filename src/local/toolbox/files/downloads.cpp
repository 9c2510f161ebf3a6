#include "local/toolbox/files/downloads.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <optional>
#include <utility>

#include "local/http/http_error.hpp"
#include "local/toolbox/files/byte_ranges.hpp"
#include "local/toolbox/files/content_headers.hpp"
#include "local/toolbox/files/file_failure.hpp"
#include "local/toolbox/files/paths.hpp"
#include "local/toolbox/files/query_parameters.hpp"
#include "local/toolbox/files/sent_file.hpp"
#include "local/toolbox/identifiers.hpp"

namespace asio = boost::asio;

namespace daytona::local::toolbox {

namespace {

using http::http_error;

constexpr const char* http_date = "%a, %d %b %Y %H:%M:%S GMT";
constexpr std::string_view content_type = "application/octet-stream";

std::string date_text(std::time_t time) {
  std::tm date{};
  ::gmtime_r(&time, &date);
  char text[64];
  return {text, std::strftime(text, sizeof text, http_date, &date)};
}

std::optional<std::time_t> parse_date(std::string_view text) {
  const std::string whole{text};
  std::tm date{};
  const char* end = ::strptime(whole.c_str(), http_date, &date);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return ::timegm(&date);
}

sent_file open_to_send(const std::string& path) {
  sent_file file;
  if (::stat(path.c_str(), &file.status) != 0) throw_not_seen(path, errno);
  if (S_ISDIR(file.status.st_mode)) throw_not_seen(path, EISDIR);
  if (!S_ISREG(file.status.st_mode)) throw http_error{400, "invalid file path: no regular file: " + path};
  file.descriptor = unique_fd{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
  if (!file.descriptor || ::fstat(file.descriptor.get(), &file.status) != 0) throw_not_seen(path, errno);
  if (!S_ISREG(file.status.st_mode)) throw_not_seen(path, ESTALE);  // it was exchanged meanwhile
  return file;
}

http::header_fields file_headers(const std::string& path, const sent_file& file) {
  http::header_fields headers;
  headers.set("Content-Type", content_type);
  headers.set("Content-Disposition", "attachment; " + filename_parameters(last_part(path)));
  headers.set("Content-Description", "File Transfer");
  headers.set("Content-Transfer-Encoding", "binary");
  headers.set("Expires", "0");
  headers.set("Cache-Control", "must-revalidate");
  headers.set("Pragma", "public");
  headers.set("Accept-Ranges", "bytes");
  headers.set("Last-Modified", date_text(file.status.st_mtim.tv_sec));
  return headers;
}

bool is_unchanged(const http::request_head& head, const sent_file& file) {
  const auto since = parse_date(head.headers.get("If-Modified-Since"));
  return since && file.status.st_mtim.tv_sec <= *since;
}

/// Parts are for who has the rest: not of another version of the file.
std::string_view range_field(const http::request_head& head, const sent_file& file) {
  const auto condition = head.headers.find("If-Range");
  const bool applies = !condition || parse_date(*condition) == file.status.st_mtim.tv_sec;
  return applies ? head.headers.get("Range") : std::string_view{};
}

std::string range_text(const byte_range& part, std::uint64_t size) {
  return fmt::format("bytes {}-{}/{}", part.start, part.start + part.length - 1, size);
}

http::response refused_range(http::header_fields headers, bool is_malformed, std::uint64_t size) {
  http::response refused{416, is_malformed ? "invalid range\n" : "invalid range: failed to overlap\n",
                         "text/plain; charset=utf-8"};
  for (const char* of_file : {"Content-Type", "Cache-Control", "Accept-Ranges", "Last-Modified"})
    headers.erase(of_file);
  for (const auto& [name, value] : headers) refused.headers.set(name, value);
  refused.headers.set("X-Content-Type-Options", "nosniff");
  if (!is_malformed) refused.headers.set("Content-Range", fmt::format("bytes */{}", size));
  return refused;
}

asio::awaitable<void> send_whole(http::exchange& exchange, http::header_fields headers, const sent_file& file) {
  co_await exchange.begin(200, std::move(headers), file.size());
  if (file.size() > 0) co_await send_part(exchange, file, 0, file.size());
  co_await exchange.finish();
}

asio::awaitable<void> send_range(http::exchange& exchange, http::header_fields headers, const sent_file& file,
                                 byte_range part) {
  headers.set("Content-Range", range_text(part, file.size()));
  co_await exchange.begin(206, std::move(headers), part.length);
  co_await send_part(exchange, file, part.start, part.length);
  co_await exchange.finish();
}

/// 60 hexadecimal digits.
std::string new_boundary() {
  std::string digits = new_uuid() + new_uuid();
  std::erase(digits, '-');
  return digits.substr(0, 60);
}

asio::awaitable<void> send_ranges(http::exchange& exchange, http::header_fields headers, const sent_file& file,
                                  const std::vector<byte_range>& parts) {
  const std::string boundary = new_boundary();
  const std::string end = "\r\n--" + boundary + "--\r\n";
  std::vector<std::string> heads;
  std::uint64_t length = end.size();
  for (const auto& part : parts) {
    heads.push_back(fmt::format("{}--{}\r\nContent-Range: {}\r\nContent-Type: {}\r\n\r\n", heads.empty() ? "" : "\r\n",
                                boundary, range_text(part, file.size()), content_type));
    length += heads.back().size() + part.length;
  }
  headers.set("Content-Type", "multipart/byteranges; boundary=" + boundary);
  co_await exchange.begin(206, std::move(headers), length);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    co_await exchange.write(heads[i]);
    co_await send_part(exchange, file, parts[i].start, parts[i].length);
  }
  co_await exchange.write(end);
  co_await exchange.finish();
}

}  // namespace

asio::awaitable<void> download_file(http::exchange& exchange) {
  const std::string path = query_parameters{exchange}.required("path");
  const sent_file file = open_to_send(path);
  http::header_fields headers = file_headers(path, file);
  if (is_unchanged(exchange.head(), file)) {
    headers.erase("Content-Type");
    headers.erase("Accept-Ranges");
    std::optional<std::uint64_t> nothing{0};
    co_await exchange.begin(304, std::move(headers), nothing);
    co_await exchange.finish();
    co_return;
  }
  exchange.hold_memory(std::min<std::uint64_t>(file.size(), sent_at_once));
  const auto wanted = parse_ranges(range_field(exchange.head(), file), file.size());
  switch (wanted.is) {
    case wanted_ranges::kind::whole:
      co_return co_await send_whole(exchange, std::move(headers), file);
    case wanted_ranges::kind::parts: {
      if (wanted.parts.size() > 1) co_return co_await send_ranges(exchange, std::move(headers), file, wanted.parts);
      co_return co_await send_range(exchange, std::move(headers), file, wanted.parts[0]);
    }
    case wanted_ranges::kind::none:
    case wanted_ranges::kind::malformed:
      break;
  }
  const bool is_malformed = wanted.is == wanted_ranges::kind::malformed;
  http::response refused = refused_range(std::move(headers), is_malformed, file.size());
  co_await exchange.respond(std::move(refused));
}

}  // namespace daytona::local::toolbox
