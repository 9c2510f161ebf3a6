#include "local/toolbox/files/file_failure.hpp"

#include <cctype>
#include <cerrno>
#include <system_error>

#include "local/http/http_error.hpp"

namespace daytona::local::toolbox {

using http::http_error;

std::string reason_text(int error) {
  std::string text = std::generic_category().message(error);
  if (!text.empty()) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

void throw_not_seen(std::string_view path, int error) {
  const std::string place{path};
  if (error == ENOENT) throw http_error{404, "file not found: " + place, "FILE_NOT_FOUND"};
  if (error == EACCES || error == EPERM) throw http_error{403, "permission denied: " + place, "FILE_ACCESS_DENIED"};
  throw http_error{400, "invalid file path: " + place + ": " + reason_text(error)};
}

void throw_not_done(std::string_view what, std::string_view path, int error) {
  throw http_error{400, "bad request: " + std::string{what} + " " + std::string{path} + ": " + reason_text(error)};
}

}  // namespace daytona::local::toolbox
