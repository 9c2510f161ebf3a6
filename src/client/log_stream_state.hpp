#pragma once

#include <daytona/log_stream.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "client/web_socket_call.hpp"
#include "protocol/log_demux.hpp"

namespace daytona::inline v0::detail {

/// A followed log: its socket, and how much of the log has come. A log is append-only and a follow starts at its beginning, so that one that is opened anew is
/// passed over up to there.
class log_stream_state {
 public:
  /// `path` is that of the log at the toolbox.
  log_stream_state(std::shared_ptr<sandbox_core> sandbox, std::string path, std::string_view operation,
                   follow_options options);
  ~log_stream_state();
  log_stream_state(const log_stream_state&) = delete;
  log_stream_state& operator=(const log_stream_state&) = delete;

  static log_stream make(std::shared_ptr<log_stream_state> state);

  /// Neither `open` nor `next` goes on beyond it. Called before both.
  void set_deadline(std::optional<net::steady_time> deadline) { deadline_ = deadline; }

  static awaitable<void> open(std::shared_ptr<log_stream_state> self);
  static awaitable<std::optional<log_chunk>> next(std::shared_ptr<log_stream_state> self);
  static awaitable<void> close(std::shared_ptr<log_stream_state> self);
  std::uint64_t unlabelled() const noexcept { return unlabelled_; }
  std::string_view operation() const noexcept { return operation_; }

 private:
  /// What can be given out of what has come.
  std::optional<log_chunk> take_chunk();
  /// The rest of the log, after its end.
  std::optional<log_chunk> take_last();
  [[noreturn]] void throw_shorter() const;
  void count_what_came();
  std::shared_ptr<net::web_socket> socket() const;
  static awaitable<void> resume(std::shared_ptr<log_stream_state> self, std::shared_ptr<net::operation> op);
  bool may_resume(const net::web_socket_end& end) const;

  const std::shared_ptr<sandbox_core> sandbox_;
  const std::string path_;
  const std::string_view operation_;
  const follow_options options_;
  std::optional<net::steady_time> deadline_;

  mutable std::mutex mutex_;
  std::shared_ptr<net::web_socket> socket_;  // replaced by `next`, closed by anyone
  std::atomic<bool> closed_{false};

  // Of `next` alone:
  net::web_socket_inbox inbox_;
  std::string_view unread_;      // of `inbox_.bytes`
  std::uint64_t received_ = 0;   // bytes of the log
  std::uint64_t pass_over_ = 0;  // bytes of it that come again
  unsigned failures_ = 0;        // in a row
  bool over_ = false;
  std::size_t usual_size_ = 0;  // of chunks, guessed from the last
  protocol::log_demux demux_;
  std::atomic<std::uint64_t> unlabelled_{0};
};

}  // namespace daytona::inline v0::detail
