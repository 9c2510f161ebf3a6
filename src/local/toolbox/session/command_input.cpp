#include "local/toolbox/session/command_input.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <utility>

namespace asio = boost::asio;

namespace daytona::local::toolbox {

command_input::command_input(const asio::any_io_executor& executor, unique_fd end)
    : end_{executor, end.release()}, progress_{executor} {}

asio::awaitable<bool> command_input::send(std::shared_ptr<command_input> self, std::string data) {
  self->waiting_ += data;
  self->queued_ += data.size();
  const auto end_of_mine = self->queued_;
  if (!std::exchange(self->is_writing_, true))
    asio::co_spawn(self->end_.get_executor(), write_all(self), [self](std::exception_ptr failure) {
      self->is_writing_ = false;
      if (failure) self->close();
    });
  while (self->written_ < end_of_mine && self->end_.is_open()) co_await self->progress_.next();
  co_return self->written_ >= end_of_mine;
}

asio::awaitable<void> command_input::write_all(std::shared_ptr<command_input> self) {
  boost::system::error_code error;
  while (!self->waiting_.empty() && self->end_.is_open()) {
    const std::string now = std::exchange(self->waiting_, {});
    co_await asio::async_write(self->end_, asio::buffer(now), asio::redirect_error(asio::use_awaitable, error));
    if (!error) self->written_ += now.size();
    self->progress_.tell();
  }
}

void command_input::close() {
  boost::system::error_code ignored;
  end_.close(ignored);
  progress_.tell();
}

}  // namespace daytona::local::toolbox
