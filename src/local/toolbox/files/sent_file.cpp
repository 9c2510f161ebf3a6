#include "local/toolbox/files/sent_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <string_view>

#include "local/toolbox/files/file_failure.hpp"

namespace asio = boost::asio;

namespace daytona::local::toolbox {

asio::awaitable<void> send_part(http::exchange& exchange, const sent_file& file, std::uint64_t start,
                                std::uint64_t length) {
  const bool to_the_end = length == 0;
  std::vector<char> piece(to_the_end ? sent_at_once : std::min<std::uint64_t>(length, sent_at_once));
  exchange.hold_memory(piece.size());
  while (to_the_end || length > 0) {
    const std::size_t wanted = to_the_end ? piece.size() : std::min<std::uint64_t>(length, piece.size());
    const auto size = ::pread(file.descriptor.get(), piece.data(), wanted, static_cast<::off_t>(start));
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) throw std::runtime_error{"read: " + reason_text(errno)};
    if (size == 0 && to_the_end) co_return;
    if (size == 0) throw std::runtime_error{"the file has become shorter while it was sent"};
    const std::string_view bytes{piece.data(), static_cast<std::size_t>(size)};
    co_await exchange.write(bytes);
    start += bytes.size();
    if (!to_the_end) length -= bytes.size();
  }
}

}  // namespace daytona::local::toolbox
