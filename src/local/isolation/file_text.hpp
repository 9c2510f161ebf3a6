#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <string>
#include <string_view>

#include "local/isolation/unique_fd.hpp"

namespace daytona::local {

/// What is left to read of a file; empty if it can't be read to its end, as those of a process in /proc that has ended since they were opened.
inline std::string text_of(const unique_fd& file) {
  std::string text;
  std::array<char, 4096> piece;
  for (;;) {
    const auto size = ::read(file.get(), piece.data(), piece.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return {};
    if (size == 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(size));
  }
}

/// The same of the file at `path`, also if it can't be opened.
inline std::string file_text(const std::filesystem::path& path) {
  return text_of(unique_fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)});
}

/// Whether all of it could be written; if not, `errno` says why.
inline bool write_all(const unique_fd& file, std::string_view text) {
  while (!text.empty()) {
    const auto size = ::write(file.get(), text.data(), text.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

}  // namespace daytona::local
