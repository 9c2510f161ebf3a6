#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <unistd.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "api_fixture.hpp"
#include "local/http/envelope.hpp"
#include "local/isolation/packet.hpp"

namespace daytona::local::test {

/// The backend's API with one sandbox, whose toolbox is of the test: a handler, or whatever takes its connections.
struct toolbox_fixture : api_fixture {
  using taker = std::function<void(http::stream_socket)>;

  explicit toolbox_fixture(std::function<boost::asio::awaitable<void>(http::exchange&)> handle) {
    auto made = std::make_shared<http::service>();
    made->handle = std::move(handle);
    made->error_answer = http::api_error_answer;
    toolbox = std::make_shared<http::connection_group>(local.io.get_executor(), made);
    open([this](http::stream_socket socket) { toolbox->start(std::move(socket)); });
  }
  explicit toolbox_fixture(taker take) { open(std::move(take)); }
  ~toolbox_fixture() {
    channel->close();
    if (toolbox) toolbox->close_all();
  }

  std::string head(std::string_view method, std::string_view path, std::string_view more = "") const {
    return std::string{method} + " /toolbox/" + id + std::string{path} +
           " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer key\r\n" + std::string{more} + "\r\n";
  }

  std::string id;
  std::shared_ptr<http::connection_group> toolbox;
  std::unique_ptr<boost::asio::posix::stream_descriptor> channel;

 private:
  void open(taker take) {
    take_ = std::move(take);
    id = ask("POST", "/api/sandbox", "{}")["id"];
    channel =
        std::make_unique<boost::asio::posix::stream_descriptor>(local.io, ::dup(local.runner->toolboxes.at(0).get()));
    take_connections();
  }

  void take_connections() {
    channel->async_wait(boost::asio::posix::descriptor_base::wait_read, [this](boost::system::error_code error) {
      if (error) return;
      boost::system::error_code none;
      auto received = receive_packet(channel->native_handle(), none);
      if (!received && none == boost::system::errc::operation_would_block) return take_connections();
      if (!received) return;
      const boost::asio::generic::stream_protocol protocol{AF_UNIX, 0};
      for (auto& each : received->descriptors)
        take_(http::stream_socket{local.io.get_executor(), protocol, each.release()});
      take_connections();
    });
  }

  taker take_;
};

}  // namespace daytona::local::test
