// What requests, outputs and commands may take of a toolbox's memory. The toolbox's service, in this process.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cstdlib>
#include <utility>

#include "isolation_fixture.hpp"
#include "local/http/listener.hpp"
#include "local/isolation/children.hpp"
#include "local/isolation/packet.hpp"
#include "local/toolbox/service.hpp"

namespace daytona::local::test {

namespace {

constexpr std::size_t mebibyte = 1024 * 1024;

toolbox::settings with_texts(std::size_t most) {
  toolbox::settings wanted;
  wanted.sessions.all_texts = most;
  wanted.toolbox = std::getenv("DAYTONA_TOOLBOX");
  return wanted;
}

toolbox::service_limits with_outputs(std::size_t most) {
  toolbox::service_limits limits;
  limits.outputs = most;
  return limits;
}

/// The body of a request that asks for a command, after which it waits at its gate.
std::string command_text(const std::string& command, const char* others = "") {
  return R"({"command":")" + command + "\"" + others + "}";
}

struct service_fixture {
  explicit service_fixture(const toolbox::service_limits& wanted = toolbox::service_limits{},
                           const toolbox::settings& of_sessions = toolbox::settings{})
      : limits{wanted}, session_settings{of_sessions} {}
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
  std::shared_ptr<toolbox::sessions> sessions =
      std::make_shared<toolbox::sessions>(io.get_executor(), children, session_settings, folder.path / "sessions");
  std::shared_ptr<http::connection_group> connections = std::make_shared<http::connection_group>(
      io.get_executor(), toolbox::make_service(children, memory, sessions, nullptr, nullptr, limits));
};

std::string length(std::size_t size) { return service_fixture::length(size); }

bool tells_when_to_come_again(const std::string& answer, const char* code = "REQUEST_MEMORY_IN_USE") {
  INFO(answer);
  return answer.starts_with("HTTP/1.1 503 ") && answer.find("\r\nRetry-After: 1\r\n") != std::string::npos &&
         answer.find(code) != std::string::npos;
}

}  // namespace

TEST_CASE(
    "bodies that don't end take no more of a toolbox's memory than all may have together: who comes then is told when "
    "to come again, and is served once they are gone") {
  service_fixture fixture;
  auto first = fixture.ask(length(60 * mebibyte), 60 * mebibyte - 1);
  const auto second = fixture.ask(length(60 * mebibyte), 60 * mebibyte - 1);

  CHECK(tells_when_to_come_again(fixture.answer(fixture.ask(length(60 * mebibyte), 0))));
  CHECK(
      tells_when_to_come_again(fixture.answer(fixture.ask("Transfer-Encoding: chunked\r\n\r\n900000", 9 * mebibyte))));
  CHECK(fixture.answer(fixture.ask(length(mebibyte), mebibyte)).starts_with("HTTP/1.1 400 "));
  CHECK(fixture.answer(first) + fixture.answer(second) == "");
  first.reset();
  fixture.io.poll();
  CHECK(fixture.answer(fixture.ask(length(60 * mebibyte), 60 * mebibyte)).starts_with("HTTP/1.1 400 "));
}

TEST_CASE(
    "outputs take no more of a toolbox's memory than all may have together: who comes then is told when to come again, "
    "and who runs keeps what it was assured of") {
  service_fixture fixture{with_outputs(2 * toolbox::assured_output)};
  const auto first_gate = fixture.make_gate("first");
  const auto second_gate = fixture.make_gate("second");
  const std::string print = "; head -c 32768 /dev/zero | tr '\\\\0' x";
  const auto first = fixture.post("/process/execute", command_text("read x < " + first_gate + print + "; echo beyond"));
  const auto second = fixture.post("/process/execute", command_text("read x < " + second_gate + print));

  for (const auto& [path, others] :
       {std::pair{"/process/execute", ""}, std::pair{"/process/code-run", R"(,"code":"1","language":"python")"}})
    CHECK(tells_when_to_come_again(fixture.answered(fixture.post(path, command_text("echo 1", others))),
                                   "OUTPUT_MEMORY_IN_USE"));
  fixture.open_gate(first_gate);
  const auto cut = fixture.answered(first);
  fixture.open_gate(second_gate);
  const auto whole = fixture.answered(second);

  CHECK(cut.find("the output was cut after 32768 bytes: those of all commands under way take the 65536 bytes that "
                 "there are for them]") != std::string::npos);
  CHECK(whole.find('"' + std::string(32768, 'x') + '"') != std::string::npos);
  CHECK(whole.find("daytona: ") == std::string::npos);
  CHECK(fixture.answered(fixture.post("/process/execute", command_text("echo 1")))
            .ends_with(R"({"exitCode":0,"result":"1\n"})"));
}

TEST_CASE(
    "commands that sessions remember take no more of a toolbox's memory than all may have together: one more is "
    "refused, those that are over make room in their session") {
  service_fixture fixture{toolbox::service_limits{}, with_texts(3000)};
  const auto gate = fixture.make_gate("gate");
  for (const char* id : {"a", "b"})
    CHECK(fixture.answered(fixture.post("/process/session", R"({"sessionId":")" + std::string{id} + "\"}"))
              .starts_with("HTTP/1.1 201 "));
  const std::string filling = " # " + std::string(500, 'x');
  CHECK(fixture
            .answered(fixture.post("/process/session/a/exec",
                                   command_text("read x < " + gate + filling, R"(,"runAsync":true)")))
            .starts_with("HTTP/1.1 202 "));

  const auto refused = fixture.answered(fixture.post("/process/session/b/exec", command_text("echo" + filling)));
  CHECK(refused.starts_with("HTTP/1.1 400 "));
  CHECK(refused.find("take the 3000 bytes that there are for them: delete sessions, or send a shorter command") !=
        std::string::npos);
  CHECK(fixture.answered(fixture.post("/process/session/b/exec", command_text("echo 1"))).starts_with("HTTP/1.1 200 "));
  CHECK(fixture.answered(fixture.post("/process/session/b/exec", command_text("echo 2"))).starts_with("HTTP/1.1 200 "));
  CHECK(fixture.answered(fixture.request("GET", "/process/session/b", "")).find("echo 1") == std::string::npos);
  CHECK(fixture.answered(fixture.request("DELETE", "/process/session/a", "")).starts_with("HTTP/1.1 204 "));
  CHECK(fixture.answered(fixture.post("/process/session/b/exec", command_text("echo" + filling)))
            .starts_with("HTTP/1.1 200 "));
  CHECK(fixture.answered(fixture.request("DELETE", "/process/session/b", "")).starts_with("HTTP/1.1 204 "));
}

}  // namespace daytona::local::test
