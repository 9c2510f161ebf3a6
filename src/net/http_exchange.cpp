#include "net/http_exchange.hpp"

#include <boost/asio/error.hpp>

#include <cstring>

namespace daytona::net {

namespace {

constexpr std::size_t read_size = 16 * 1024;
constexpr std::size_t merged_body = 64 * 1024;  // up to here one write of head and body together costs less than two

awaitable<void> send(operation& op, stream& io, exchange_buffers& buffers, const http_request& request,
                     exchange_outcome& outcome) {
  op.enter(phase::send);
  buffers.out.assign(request.head);
  const bool merged = request.body.size() <= merged_body;
  if (merged) buffers.out.append(request.body);

  const asio::const_buffer first{buffers.out.data(), buffers.out.size()};
  const std::size_t sent = co_await io.write(op, first, outcome.cause);
  outcome.request_sent = sent > 0;
  if (outcome.cause || merged) co_return;

  const asio::const_buffer rest{request.body.data(), request.body.size()};
  co_await io.write(op, rest, outcome.cause);
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

  bool has_more() const noexcept { return end_ > 0; }

 private:
  std::vector<char>& memory_;
  protocol::response_reader& reader_;
  std::size_t end_ = 0;
};

awaitable<void> receive(operation& op, stream& io, exchange_buffers& buffers, protocol::response_reader& reader,
                        exchange_outcome& outcome) {
  op.enter(phase::headers);
  incoming bytes{buffers.in, reader};
  while (!reader.is_done() && !outcome.failure) {
    const auto space = bytes.free_space();
    const std::size_t size = co_await io.read_some(op, space, outcome.cause);
    if (outcome.cause == asio::error::eof) {
      reader.put_end(outcome.failure);
      if (!outcome.failure) outcome.cause.clear();  // the end was the answer's own
    } else if (outcome.cause) {
      outcome.failure = errc::connection_lost;
    } else {
      bytes.feed(size, outcome.failure);
    }
    if (op.where() == phase::headers && reader.has_header()) op.enter(phase::body);
  }
  if (!outcome.failure && bytes.has_more()) outcome.failure = errc::protocol_violation;
}

}  // namespace

awaitable<exchange_outcome> exchange(operation& op, stream& io, exchange_buffers& buffers, const http_request& request,
                                     protocol::response_reader& reader) {
  exchange_outcome outcome;
  co_await send(op, io, buffers, request, outcome);
  if (outcome.cause) {
    outcome.failure = errc::connection_lost;
    co_return outcome;
  }
  co_await receive(op, io, buffers, reader, outcome);
  outcome.keep_alive = !outcome.failure && !outcome.cause && reader.can_keep_alive();
  co_return outcome;
}

}  // namespace daytona::net
