#pragma once

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kit/temporary_directory.hpp"
#include "local/http/listener.hpp"
#include "local/isolation/children.hpp"
#include "local/isolation/packet.hpp"
#include "local/isolation/unique_fd.hpp"
#include "local/toolbox/service.hpp"

namespace daytona::local::test {

namespace asio = boost::asio;

/// The body of a request that asks for a command.
inline std::string command_text(const std::string& command, const char* others = "") {
  return R"({"command":")" + command + "\"" + others + "}";
}

/// The toolbox's service, in this process, without PTYs and the code interpreter.
struct service_fixture {
  explicit service_fixture(const toolbox::service_limits& wanted = toolbox::service_limits{},
                           const toolbox::settings& of_sessions = toolbox::settings{})
      : limits{wanted}, session_settings{of_sessions} {
    session_settings.toolbox = std::getenv("DAYTONA_TOOLBOX");
    sessions =
        std::make_shared<toolbox::sessions>(io.get_executor(), children, session_settings, folder.path / "sessions");
    connections = std::make_shared<http::connection_group>(
        io.get_executor(), toolbox::make_service(children, memory, sessions, nullptr, nullptr, limits));
  }
  ~service_fixture() {
    connections->close_all();
    io.poll();
    end_all_children();
  }

  unique_fd post(const std::string& path, const std::string& body) { return request("POST", path, body); }
  unique_fd request(const std::string& method, const std::string& path, const std::string& body) {
    unique_fd client = connect();
    send(client, method + " " + path + " HTTP/1.1\r\nHost: toolbox\r\n" + length(body.size()) + "\r\n\r\n" + body);
    return client;
  }
  /// The whole answer, once it has come.
  std::string answered(const unique_fd& client) {
    std::string all = answer(client);
    while (!is_whole(all)) {
      const std::string more = answer(client);
      all += more;
      if (more.empty()) io.run_one();
    }
    return all;
  }
  static bool is_whole(const std::string& text) {
    const auto head = text.find("\r\n\r\n");
    const auto field = text.find("Content-Length: ");
    if (head == std::string::npos) return false;
    return field == std::string::npos || text.size() >= head + 4 + std::stoul(text.substr(field + 16));
  }

  /// A command waits at `read x < GATE` until it is opened.
  std::string make_gate(const std::string& name) {
    const auto gate = folder.path / name;
    ::mkfifo(gate.c_str(), 0600);
    return gate.string();
  }
  void open_gate(const std::string& gate) {
    opened.emplace_back(::open(gate.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
    CHECK(::write(opened.back().get(), "\n", 1) == 1);
  }

  unique_fd connect() {
    boost::system::error_code error;
    auto ends = socket_pair(SOCK_STREAM, error);
    connections->start(http::stream_socket{io.get_executor(), {AF_UNIX, 0}, ends.first.release()});
    return std::move(ends.second);
  }

  void send(const unique_fd& to, std::string_view text) {
    while (!text.empty()) {
      const auto sent = ::send(to.get(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent > 0) text.remove_prefix(static_cast<std::size_t>(sent));
      if (io.poll() == 0 && sent < 0) return;  // it takes no more
    }
  }

  /// A request of a command, and so much of its body.
  unique_fd ask(const std::string& framing, std::size_t sent) {
    unique_fd client = connect();
    send(client, "POST /process/execute HTTP/1.1\r\nHost: toolbox\r\n" + framing + "\r\n\r\n");
    send(client, std::string(sent, 'x'));
    return client;
  }

  /// What has been answered.
  std::string answer(const unique_fd& client) {
    io.restart();
    io.poll();
    std::string text(4096, '\0');
    const auto size = ::recv(client.get(), text.data(), text.size(), MSG_DONTWAIT);
    text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return text;
  }

  static std::string length(std::size_t size) { return "Content-Length: " + std::to_string(size); }

  toolbox::service_limits limits;
  toolbox::settings session_settings;
  daytona::test::temporary_directory folder;
  std::vector<unique_fd> opened;
  asio::io_context io;
  toolbox::child_watcher children{io.get_executor()};
  toolbox::memory_watch memory{io.get_executor(), 0};
  std::shared_ptr<toolbox::sessions> sessions;
  std::shared_ptr<http::connection_group> connections;
};

}  // namespace daytona::local::test
