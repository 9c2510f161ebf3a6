#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <string>

#include "local/isolation/unique_fd.hpp"

namespace daytona::local {

/// What a file holds; empty if it can't be read to its end, as those of a process in /proc that has ended since they were opened.
inline std::string file_text(const std::filesystem::path& path) {
  const unique_fd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
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

}  // namespace daytona::local
