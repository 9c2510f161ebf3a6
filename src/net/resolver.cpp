#include "net/resolver.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <system_error>
#include <thread>
#include <utility>

namespace daytona::net {

namespace {

constexpr std::size_t max_threads = 4;

/// Waits for the bell on the coroutine's own io_context.
class bell_wait final : private cancellable {
 public:
  /// `ec` says if no descriptor could be had.
  bell_wait(operation& op, int descriptor, error_code& ec) : descriptor_(op.executor()) {
    const int own = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    if (own < 0) {
      ec = error_code(errno, boost::system::system_category());
      return;
    }
    descriptor_.assign(own, ec);
    if (ec) ::close(own);
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

}  // namespace

/// One question, shared by the coroutines that ask and the thread that answers; whoever is last frees it.
struct resolver::question {
  explicit question(std::string name) : host(std::move(name)) {
    if (::pipe2(bell.data(), O_CLOEXEC | O_NONBLOCK) == 0) return;
    answer.failure = error_code(errno, boost::system::system_category());
    answered = true;
  }
  ~question() {
    for (const int end : bell)
      if (end >= 0) ::close(end);
  }
  question(const question&) = delete;
  question& operator=(const question&) = delete;

  /// Called once, by whoever answers. The end of the pipe wakes all who wait; when they run, the caller holds nothing of `asked` any more.
  static void finish(std::shared_ptr<question> asked, lookup_result result) {
    asked->answer = std::move(result);
    const int writing_end = std::exchange(asked->bell[1], -1);
    asked->answered.store(true, std::memory_order_release);
    asked.reset();
    ::close(writing_end);
  }
  bool is_answered() const noexcept { return answered.load(std::memory_order_acquire); }

  const std::string host;
  std::atomic<int> waiting{0};      // those who want to know
  bool withdrawn = false;           // it will not be asked
  std::array<int, 2> bell{-1, -1};  // a pipe, each waiting coroutine with a copy of its reading end
  std::atomic<bool> answered{false};
  lookup_result answer;  // not touched before it is answered, nor changed after
};

/// That its owner waits for the answer.
class resolver::attendance {
 public:
  explicit attendance(std::shared_ptr<question> asked) : asked_(std::move(asked)) {}
  ~attendance() { --asked_->waiting; }
  attendance(const attendance&) = delete;
  attendance& operator=(const attendance&) = delete;

 private:
  std::shared_ptr<question> asked_;
};

class resolver::worker_pool : public std::enable_shared_from_this<worker_pool> {
 public:
  explicit worker_pool(name_lookup lookup) : lookup_(std::move(lookup)) {}

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

  /// Takes back what no thread has come to and nobody waits for; whether there was any.
  bool withdraw_abandoned() {
    const std::lock_guard lock{mutex_};
    const auto abandoned = [](const std::shared_ptr<question>& asked) {
      asked->withdrawn = asked->waiting == 0;
      return asked->withdrawn;
    };
    return std::erase_if(questions_, abandoned) > 0;
  }

  void close() {
    const std::lock_guard lock{mutex_};
    closed_ = true;
    changed_.notify_all();
  }

 private:
  void refuse_all() {
    for (auto& asked : questions_) question::finish(std::move(asked), {{}, asio::error::no_memory});
    questions_.clear();
  }

  void work() {
    std::unique_lock lock{mutex_};
    for (;;) {
      ++idle_;
      changed_.wait(lock, [this] { return closed_ || !questions_.empty(); });
      --idle_;
      if (closed_) return;
      auto asked = std::move(questions_.front());
      questions_.pop_front();
      lock.unlock();
      auto answer = lookup_(asked->host);
      question::finish(std::move(asked), std::move(answer));
      lock.lock();
    }
  }

  const name_lookup lookup_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<question>> questions_;
  std::size_t threads_ = 0;
  std::size_t idle_ = 0;
  bool closed_ = false;
};

resolver::resolver(name_lookup lookup) : workers_(std::make_shared<worker_pool>(std::move(lookup))) {}

resolver::~resolver() { workers_->close(); }

awaitable<std::vector<asio::ip::address>> resolver::resolve(operation& op, std::string host, error_code& ec) {
  ec.clear();
  auto known = addresses_without_asking(host);
  if (!known.empty()) co_return known;

  const auto asked = ask(host, op.clock().now(), known);
  if (!asked) co_return known;
  const attendance present{asked};
  if (!asked->is_answered()) {
    bell_wait bell{op, asked->bell[0], ec};
    if (ec) co_return known;
    co_await bell.wait(op, ec);
    if (ec) co_return known;
  }
  learn(*asked, op.clock().now());
  ec = asked->answer.failure;
  co_return asked->answer.addresses;
}

void resolver::forget(const std::string& host) {
  const std::lock_guard lock{mutex_};
  const auto found = names_.find(host);
  if (found != names_.end() && !found->second.asked) names_.erase(found);
}

/// Null: the addresses are known. Else the question that is open, or a new one.
std::shared_ptr<resolver::question> resolver::ask(const std::string& host, steady_time now,
                                                  std::vector<asio::ip::address>& known) {
  const std::lock_guard lock{mutex_};
  drop_abandoned();
  auto& name = names_[host];
  take_answer(name, now);  // of a question that nobody waited for to the end
  if (name.asked) ++name.asked->waiting;
  if (name.asked) return name.asked;
  if (name.learned && now - *name.learned < time_to_live) {
    known = name.addresses;
    return nullptr;
  }

  auto fresh = std::make_shared<question>(host);
  fresh->waiting = 1;
  if (fresh->is_answered()) {  // no pipe could be had
    names_.erase(host);
    return fresh;
  }
  name.asked = fresh;
  make_room();
  workers_->ask(fresh);
  return fresh;
}

void resolver::learn(const question& answered, steady_time now) {
  const std::lock_guard lock{mutex_};
  const auto found = names_.find(answered.host);
  if (found == names_.end() || found->second.asked.get() != &answered) return;
  take_answer(found->second, now);
  if (!found->second.learned) names_.erase(found);
}

/// Keeps what was answered, and lets the question go with its descriptors. A failure is not kept, nor what was known before it.
void resolver::take_answer(known_name& name, steady_time now) {
  if (!name.asked || !name.asked->is_answered()) return;
  name.addresses = name.asked->answer.addresses;
  name.learned = name.asked->answer.failure ? std::nullopt : std::optional(now);
  name.asked.reset();
}

/// Lets one name go that nobody asks for now; open questions stay, and are as many as there are calls.
void resolver::make_room() {
  if (names_.size() <= max_names) return;
  const auto settled = std::find_if(names_.begin(), names_.end(), [](const auto& name) { return !name.second.asked; });
  if (settled != names_.end()) names_.erase(settled);
}

/// Else who asks for one name after the other, and does not wait for the answers, fills the process's descriptors.
void resolver::drop_abandoned() {
  if (!workers_->withdraw_abandoned()) return;
  std::erase_if(names_, [](const auto& name) { return name.second.asked && name.second.asked->withdrawn; });
}

}  // namespace daytona::net
