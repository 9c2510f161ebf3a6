#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/stream.hpp"
#include "net/wait_list.hpp"
#include "protocol/web_socket_frames.hpp"

namespace daytona::net {

struct web_socket_settings {
  protocol::web_socket::role own = protocol::web_socket::role::client;
  std::size_t max_message = 64 * 1024 * 1024;
  std::size_t max_inbox = 256 * 1024;  ///< Bytes that wait for `receive`; when there are more, nothing is read.
  bool fails_when_full = false;        ///< It ends then instead.
  bool joins_messages = true;          ///< Binary messages that follow each other come as one.
  std::chrono::milliseconds ping_interval{20'000};  ///< 0 = no pings.
  std::chrono::milliseconds longest_silence{0};     ///< Without a byte of the peer, pongs included; 0 = no limit.
};

/// How a WebSocket ended.
struct web_socket_end {
  enum class manner {
    open,      ///< It has not.
    closed,    ///< By a close frame of the peer.
    lost,      ///< The connection ended without one; `cause` says how.
    overrun,   ///< More came than is kept for `receive`, which `web_socket_settings::fails_when_full` forbids.
    violated,  ///< The peer broke the protocol or a limit; `what` says how.
    stopped,   ///< By this side.
  };
  manner how = manner::open;
  std::optional<std::uint16_t> code;  ///< Of the peer's close frame, or the one that it was told for its violation.
  std::string what;                   ///< The reason in the peer's close frame (untrusted), or the violation.
  error_code cause;
};

/// What came: the bytes of messages, one behind the other. Parts of binary messages that follow each other are one segment, unless
/// `web_socket_settings::joins_messages` says otherwise.
struct web_socket_inbox {
  struct segment {
    protocol::web_socket::opcode kind;
    std::size_t size;
    bool ends_message;
  };
  std::string bytes;
  std::vector<segment> segments;
};

class web_socket_registry;

/// An open WebSocket. It reads by itself, so that pings are answered and a loss is seen while nobody asks, until so much waits that the peer has to wait too.
///
/// Its connection lives on the executor that it was opened on; `receive`, `send` and `close` may be called on others, of other threads too.
class web_socket final : public timer_entry, public std::enable_shared_from_this<web_socket> {
 public:
  using opcode = protocol::web_socket::opcode;

  /// From here on `io` is the socket's; `excess` came behind the handshake. `registry` is what ends it with the client, and lives as long as `owner`.
  static std::shared_ptr<web_socket> start(const asio::any_io_executor& executor, std::unique_ptr<stream> io,
                                           std::string_view excess, web_socket_settings settings,
                                           operation_registry& registry, std::shared_ptr<void> owner);
  ~web_socket() override;
  web_socket(const web_socket&) = delete;
  web_socket& operator=(const web_socket&) = delete;

  /// Moves what has come into `into`, which it empties before. False if nothing has.
  bool take(web_socket_inbox& into);
  /// The same, but waits for something. False at the end, of which `end()` tells, or if `op` was stopped (`ec`); nothing is lost then.
  static awaitable<bool> receive(std::shared_ptr<web_socket> self, std::shared_ptr<operation> op,
                                 web_socket_inbox& into, error_code& ec);
  /// Until it has ended, or `op` was stopped. Takes nothing of what comes: somebody else has to, or the end is not seen before that.
  static awaitable<void> wait_for_end(std::shared_ptr<web_socket> self, std::shared_ptr<operation> op);
  /// Sends one message, behind those that others send. It is on its way as a whole when this ends, or has not begun to be if `ec` is `not_connected`: the
  /// socket had ended; it may yet arrive if `op` was stopped.
  static awaitable<void> send(std::shared_ptr<web_socket> self, std::shared_ptr<operation> op, opcode kind,
                              std::string payload, error_code& ec);
  /// Says goodbye and waits for the peer's answer, until `op` is stopped. What the peer had sent is dropped. Of a `reason` that is too long for a close
  /// frame the beginning is sent.
  static awaitable<void> close(std::shared_ptr<web_socket> self, std::shared_ptr<operation> op, std::uint16_t code,
                               std::string reason = std::string());
  /// Nobody is interested any longer: it is closed soon. Any thread, also after its io_context is gone.
  void abandon() noexcept;

  bool is_open() const;
  web_socket_end end() const;

 private:
  friend class web_socket_registry;
  web_socket(const asio::any_io_executor& executor, std::unique_ptr<stream> io, web_socket_settings settings,
             std::shared_ptr<void> owner);

  static awaitable<void> read(std::shared_ptr<web_socket> self, std::shared_ptr<operation> op, std::string excess);
  static awaitable<void> drain(std::shared_ptr<web_socket> self, std::shared_ptr<operation> op);
  void on_time() noexcept override;
  void on_context_gone() noexcept;

  // On the socket's executor, without the lock.
  awaitable<void> wait_for_room(operation& op);
  awaitable<void> linger(operation& op);
  bool read_more(operation& op);
  void take_in(std::span<char> bytes);
  void on_ping_due();
  void flush();

  // With the lock held; those above the line on the socket's executor.
  void on_control(const protocol::web_socket::frame_piece& piece);
  void flush_locked();
  void finish(web_socket_end end) noexcept;
  void fail_if(const std::exception_ptr& failure) noexcept;
  // ----
  void keep(const protocol::web_socket::frame_piece& piece);
  void put_frame(opcode kind, std::string_view payload);
  void put_close(std::uint16_t code, std::string_view reason = {});
  bool take_locked(web_socket_inbox& into);
  bool is_over() const noexcept { return end_.how != web_socket_end::manner::open; }
  std::size_t inbox_weight() const noexcept;

  const web_socket_settings settings_;
  const std::shared_ptr<void> owner_;
  std::shared_ptr<web_socket_registry> sockets_;  // of the context
  timers& timers_;
  std::shared_ptr<operation> reading_, writing_;
  std::unique_ptr<stream> io_;
  protocol::web_socket::frame_reader frames_;
  std::array<char, 512> small_;
  wake_up* room_ = nullptr;  // the reader waits in it

  mutable std::mutex mutex_;
  asio::any_io_executor executor_;  // none after its context is gone
  web_socket_end end_;
  bool close_sent_ = false, dropping_ = false, draining_ = false, paused_ = false, is_lingering_ = false;
  web_socket_inbox inbox_;
  std::string out_;
  std::uint64_t queued_ = 0, written_ = 0;  // bytes of frames, since the start
  steady_time heard_;
  wait_list receivers_{mutex_}, senders_{mutex_}, watchers_{mutex_};
};

}  // namespace daytona::net
