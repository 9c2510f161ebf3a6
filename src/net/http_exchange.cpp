#include "net/http_exchange.hpp"

#include <boost/asio/error.hpp>

#include <cstring>
#include <utility>

namespace daytona::net {

namespace {

constexpr std::size_t read_size = 16 * 1024;
constexpr unsigned status_switching_protocols = 101;
constexpr std::size_t merged_body = 64 * 1024;  // up to here one write of head and body together costs less than two

/// Sends what did not go at once: the rest of `head`, then `body`.
awaitable<void> send_rest(operation& op, stream& io, std::string_view head, std::string_view body,
                          exchange_outcome& outcome) {
  if (!head.empty()) {
    const asio::const_buffer bytes{head.data(), head.size()};
    const std::size_t sent = co_await io.write(op, bytes, outcome.cause);
    outcome.request_sent = outcome.request_sent || sent > 0;
  }
  if (outcome.cause || body.empty()) co_return;

  const asio::const_buffer bytes{body.data(), body.size()};
  co_await io.write(op, bytes, outcome.cause);
}

/// The bytes of an answer on their way from the stream to the reader.
class incoming {
 public:
  incoming(std::vector<char>& memory, protocol::response_reader& reader) : memory_(memory), reader_(reader) {
    if (memory_.size() < read_size) memory_.resize(read_size);
  }

  asio::mutable_buffer free_space() {
    if (end_ == memory_.size())
      memory_.resize(memory_.size() * 2);  // one header line is longer; the reader's limit bounds it
    return {memory_.data() + end_, memory_.size() - end_};
  }

  /// What a read brought: `size` bytes, or the end, or the failure that `outcome.cause` says.
  void take(std::size_t size, exchange_outcome& outcome) {
    if (!outcome.cause) return feed(size, outcome.failure);
    if (outcome.cause != asio::error::eof) {
      outcome.failure = errc::connection_lost;
      return;
    }
    reader_.put_end(outcome.failure);
    if (!outcome.failure) outcome.cause.clear();  // the end was the answer's own
  }

  bool has_more() const noexcept { return end_ > 0; }
  std::string_view rest() const noexcept { return {memory_.data(), end_}; }

 private:
  void feed(std::size_t size, std::optional<errc>& failure) {
    end_ += size;
    std::size_t begin = 0;
    while (begin < end_ && !reader_.is_done() && !failure) {
      const std::size_t taken = reader_.put({memory_.data() + begin, end_ - begin}, failure);
      if (taken == 0) break;
      begin += taken;
    }
    std::memmove(memory_.data(), memory_.data() + begin, end_ - begin);
    end_ -= begin;
  }

  std::vector<char>& memory_;
  protocol::response_reader& reader_;
  std::size_t end_ = 0;
};

}  // namespace

awaitable<exchange_outcome> exchange(operation& op, stream& io, exchange_buffers& buffers, std::string_view body,
                                     protocol::response_reader& reader, phase awaited) {
  exchange_outcome outcome;
  op.enter(phase::send);
  if (body.size() <= merged_body) buffers.out.append(std::exchange(body, {}));
  std::string_view unsent = buffers.out;
  unsent.remove_prefix(io.write_now(op, {unsent.data(), unsent.size()}, outcome.cause));
  outcome.request_sent = unsent.size() < buffers.out.size();
  const bool is_sent = unsent.empty() && body.empty();
  if (!outcome.cause && !is_sent) co_await send_rest(op, io, unsent, body, outcome);
  if (outcome.cause) {
    outcome.failure = errc::connection_lost;
    co_return outcome;
  }

  op.enter(awaited);
  incoming bytes{buffers.in, reader};
  while (!reader.is_done() && !outcome.failure) {
    const auto space = bytes.free_space();
    const std::size_t size = co_await io.read_some(op, space, outcome.cause);
    bytes.take(size, outcome);
    if (op.where() == phase::headers && reader.has_header()) op.enter(phase::body);
  }
  const bool is_upgraded = reader.response().status == status_switching_protocols;
  if (!outcome.failure && is_upgraded) outcome.excess = bytes.rest();
  if (!outcome.failure && !is_upgraded && bytes.has_more()) outcome.failure = errc::protocol_violation;
  outcome.keep_alive = !outcome.failure && !outcome.cause && !is_upgraded && reader.can_keep_alive();
  co_return outcome;
}

}  // namespace daytona::net
