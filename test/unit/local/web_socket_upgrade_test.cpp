#include "local/http/web_socket_upgrade.hpp"

#include <doctest/doctest.h>

namespace daytona::local::http {

namespace {

request_head handshake() {
  request_head head;
  head.headers.add("Connection", "keep-alive, Upgrade");
  head.headers.add("Upgrade", "websocket");
  head.headers.add("Sec-WebSocket-Version", "13");
  head.headers.add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
  return head;
}

unsigned status_of(const request_head& head) {
  const auto refused = refusal_of_upgrade(head);
  return refused ? refused->status : 101;
}

unsigned status_with(std::string_view name, std::string_view value) {
  auto head = handshake();
  head.headers.set(name, value);
  return status_of(head);
}

unsigned status_without(std::string_view name) {
  auto head = handshake();
  head.headers.erase(name);
  return status_of(head);
}

}  // namespace

TEST_CASE("a request of HTTP/1.0, or one with a body, becomes no WebSocket") {
  auto old = handshake();
  old.version = 10;
  auto counted = handshake();
  counted.content_length = 5;
  auto empty = handshake();
  empty.content_length = 0;
  auto chunked = handshake();
  chunked.chunked = true;

  CHECK(status_of(old) == 400);
  CHECK(status_of(counted) == 400);
  CHECK(status_of(chunked) == 400);
  CHECK(status_of(empty) == 101);
}

TEST_CASE("a handshake is answered with the accept of its key, and nothing that was not asked for") {
  CHECK(status_of(handshake()) == 101);
  CHECK(upgrade_answer(handshake()) ==
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
}

TEST_CASE("a handshake that is none is refused, and told what would be one") {
  CHECK(status_without("Connection") == 400);
  CHECK(status_with("Connection", "close") == 400);
  CHECK(status_without("Upgrade") == 426);
  CHECK(status_with("Upgrade", "h2c") == 426);
  CHECK(status_with("Sec-WebSocket-Version", "8") == 400);
  CHECK(status_without("Sec-WebSocket-Key") == 400);
  CHECK(status_with("Sec-WebSocket-Key", "abc") == 400);
  CHECK(status_with("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ") == 400);

  request_head plain;
  const auto refused = refusal_of_upgrade(plain);
  REQUIRE(refused);
  CHECK(refused->body == "Bad Request\n");
  CHECK(refused->headers.get("Sec-WebSocket-Version") == "13");
}

TEST_CASE("S15: of the offered subprotocols one is echoed, the SDK's version before others") {
  auto head = handshake();
  CHECK(chosen_subprotocol(head).empty());
  head.headers.add("Sec-WebSocket-Protocol", "other, X-Daytona-SDK-Version~0.205.1");
  CHECK(upgrade_answer(head).find("Sec-WebSocket-Protocol: X-Daytona-SDK-Version~0.205.1\r\n") != std::string::npos);
  head.headers.set("Sec-WebSocket-Protocol", "other, another");
  CHECK(chosen_subprotocol(head) == "other");
}

TEST_CASE("S16: a subprotocol that carries an environment is echoed only where no other was offered") {
  auto head = handshake();
  head.headers.add("Sec-WebSocket-Protocol", "X-Daytona-Pty-Envs~e30, X-Daytona-Pty-Exit-Control");
  CHECK(chosen_subprotocol(head) == "X-Daytona-Pty-Exit-Control");
  head.headers.set("Sec-WebSocket-Protocol", "X-Daytona-Pty-Envs~e30");
  CHECK(chosen_subprotocol(head) == "X-Daytona-Pty-Envs~e30");
}

}  // namespace daytona::local::http
