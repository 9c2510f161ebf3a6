#include "net/resolver.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fcntl.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace daytona::net {

namespace {

constexpr std::size_t max_threads = 4;

/// One question, shared by the coroutine that asks and the thread that answers; whoever is last frees it.
struct question {
  explicit question(std::string name) : host(std::move(name)) {
    if (::pipe2(bell.data(), O_CLOEXEC | O_NONBLOCK) != 0)
      failure = error_code(errno, boost::system::system_category());
  }
  ~question() {
    for (const int end : bell)
      if (end >= 0) ::close(end);
  }
  question(const question&) = delete;
  question& operator=(const question&) = delete;

  void ring() const {
    const char byte = 1;
    [[maybe_unused]] const auto written = ::write(bell[1], &byte, 1);
  }

  const std::string host;
  std::array<int, 2> bell{-1, -1};  // a pipe: the thread writes one byte, the coroutine waits for it
  std::vector<asio::ip::address> addresses;
  error_code failure;
};

error_code code_of(int result) {
  switch (result) {
    case EAI_AGAIN:
      return asio::error::host_not_found_try_again;
    case EAI_FAIL:
      return asio::error::no_recovery;
    case EAI_MEMORY:
      return asio::error::no_memory;
    case EAI_SYSTEM:
      return {errno, boost::system::system_category()};
    default:
      return asio::error::host_not_found;
  }
}

asio::ip::address address_of(const sockaddr* socket_address) {
  if (socket_address->sa_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, socket_address, sizeof v4);
    return asio::ip::address_v4(ntohl(v4.sin_addr.s_addr));
  }
  sockaddr_in6 v6;
  std::memcpy(&v6, socket_address, sizeof v6);
  asio::ip::address_v6::bytes_type bytes;
  std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
  return asio::ip::address_v6(bytes, v6.sin6_scope_id);
}

void answer(question& asked) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  const int result = ::getaddrinfo(asked.host.c_str(), nullptr, &hints, &found);
  if (result != 0) {
    asked.failure = code_of(result);
    return;
  }
  for (const auto* entry = found; entry != nullptr; entry = entry->ai_next)
    if (entry->ai_family == AF_INET || entry->ai_family == AF_INET6)
      asked.addresses.push_back(address_of(entry->ai_addr));
  ::freeaddrinfo(found);
  if (asked.addresses.empty()) asked.failure = asio::error::host_not_found;
}

/// Waits for the bell on the coroutine's own io_context.
class bell_wait final : private cancellable {
 public:
  /// `ec` says if no descriptor could be had.
  bell_wait(operation& op, int descriptor, error_code& ec) : descriptor_(op.executor()) {
    const int own = ::dup(descriptor);
    if (own < 0)
      ec = error_code(errno, boost::system::system_category());
    else
      descriptor_.assign(own, ec);
  }

  awaitable<void> wait(operation& op, error_code& ec) {
    const operation::waiting waiting{op, *this, ec};
    if (ec) co_return;
    co_await descriptor_.async_wait(asio::posix::stream_descriptor::wait_read,
                                    asio::redirect_error(asio::use_awaitable, ec));
  }

 private:
  void cancel() noexcept override {
    error_code ignored;
    descriptor_.cancel(ignored);
  }

  asio::posix::stream_descriptor descriptor_;
};

bool is_loopback_name(std::string host) {
  std::transform(host.begin(), host.end(), host.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (host.ends_with('.')) host.pop_back();
  return host == "localhost" || host.ends_with(".localhost");
}

}  // namespace

class resolver::worker_pool : public std::enable_shared_from_this<worker_pool> {
 public:
  void ask(std::shared_ptr<question> asked) {
    const std::lock_guard lock{mutex_};
    questions_.push_back(std::move(asked));
    if (questions_.size() > idle_ && threads_ < max_threads) {
      try {
        std::thread([self = shared_from_this()] { self->work(); }).detach();
        ++threads_;
      } catch (const std::system_error&) {
        if (threads_ == 0) refuse_all();  // else one that is there takes it
      }
    }
    changed_.notify_one();
  }

  void close() {
    const std::lock_guard lock{mutex_};
    closed_ = true;
    changed_.notify_all();
  }

 private:
  void refuse_all() {
    for (const auto& asked : questions_) {
      asked->failure = asio::error::no_memory;
      asked->ring();
    }
    questions_.clear();
  }

  void work() {
    std::unique_lock lock{mutex_};
    for (;;) {
      ++idle_;
      changed_.wait(lock, [this] { return closed_ || !questions_.empty(); });
      --idle_;
      if (closed_) return;
      const auto asked = std::move(questions_.front());
      questions_.pop_front();
      lock.unlock();
      answer(*asked);
      asked->ring();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<question>> questions_;
  std::size_t threads_ = 0;
  std::size_t idle_ = 0;
  bool closed_ = false;
};

resolver::resolver() : workers_(std::make_shared<worker_pool>()) {}

resolver::~resolver() { workers_->close(); }

awaitable<std::vector<asio::ip::address>> resolver::resolve(operation& op, std::string host, error_code& ec) {
  ec.clear();
  auto known = addresses_without_asking(host);
  if (!known.empty()) co_return known;

  const auto asked = std::make_shared<question>(std::move(host));
  if (asked->failure) {
    ec = asked->failure;
    co_return known;
  }
  bell_wait bell{op, asked->bell[0], ec};
  if (ec) co_return known;
  workers_->ask(asked);
  co_await bell.wait(op, ec);
  if (ec) co_return known;
  ec = asked->failure;
  co_return asked->addresses;
}

std::vector<asio::ip::address> addresses_without_asking(const std::string& host) {
  if (is_loopback_name(host)) return {asio::ip::address_v4::loopback(), asio::ip::address_v6::loopback()};
  error_code ec;
  const auto literal = asio::ip::make_address(host, ec);
  if (ec) return {};
  return {literal};
}

}  // namespace daytona::net
