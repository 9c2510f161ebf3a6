#include "protocol/web_socket_handshake.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace daytona::protocol;
using namespace daytona::protocol::web_socket;

namespace {

constexpr std::string_view nonce = "dGhlIHNhbXBsZSBub25jZQ==";  // that of RFC 6455, section 1.3
const std::vector<std::string> nothing_offered;

using field_list = std::vector<std::pair<std::string, std::string>>;

field_list good_fields() {
  return {
      {"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="}};
}

http_response answer(const field_list& fields) {
  http_response made;
  made.status = 101;
  for (const auto& [name, value] : fields) made.fields.add(name, value);
  return made;
}

}  // namespace

TEST_CASE("a key and its answer are those of RFC 6455") {
  std::array<unsigned char, 16> random{};
  for (std::size_t i = 0; i < random.size(); ++i) random[i] = static_cast<unsigned char>("the sample nonce"[i]);

  CHECK(handshake_key(random) == nonce);
  CHECK(accept_of(nonce) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST_CASE("S15: an upgrade is accepted in any case and order, with more in its lists") {
  CHECK(wrong_in_upgrade(answer(good_fields()), nonce, nothing_offered).empty());

  CHECK(wrong_in_upgrade(answer({{"upgrade", "WebSocket"},
                                 {"CONNECTION", "keep-alive , upgrade"},
                                 {"sec-websocket-accept", " s3pPLMBiTxaQ9kYGzzhZRbK+xOo= "}}),
                         nonce, nothing_offered)
            .empty());
}

TEST_CASE("S15: a 101 that lacks or changes a field is refused, and says which") {
  for (std::size_t missing = 0; missing < good_fields().size(); ++missing) {
    auto fields = good_fields();
    fields.erase(fields.begin() + static_cast<std::ptrdiff_t>(missing));
    CHECK_FALSE(wrong_in_upgrade(answer(fields), nonce, nothing_offered).empty());
  }
  auto fields = good_fields();
  fields[0].second = "h2c";
  CHECK(wrong_in_upgrade(answer(fields), nonce, nothing_offered).find("WebSocket") != std::string_view::npos);
  fields = good_fields();
  fields[1].second = "upgraded";
  CHECK(wrong_in_upgrade(answer(fields), nonce, nothing_offered).find("Connection") != std::string_view::npos);
  fields = good_fields();
  fields[2].second = accept_of("another key");
  CHECK(wrong_in_upgrade(answer(fields), nonce, nothing_offered).find("Accept") != std::string_view::npos);
  fields = good_fields();
  fields.emplace_back("Sec-WebSocket-Extensions", "permessage-deflate");
  CHECK(wrong_in_upgrade(answer(fields), nonce, nothing_offered).find("extension") != std::string_view::npos);
}

TEST_CASE("S15: an echoed subprotocol must be one of those offered; none is fine") {
  const std::vector<std::string> offered{"X-Daytona-Pty-Exit-Control", "X-Daytona-Pty-Envs~eyJBIjoiMSJ9"};
  auto fields = good_fields();
  CHECK(wrong_in_upgrade(answer(fields), nonce, offered).empty());

  fields.emplace_back("Sec-WebSocket-Protocol", "X-Daytona-Pty-Envs~eyJBIjoiMSJ9");
  CHECK(wrong_in_upgrade(answer(fields), nonce, offered).empty());

  fields.back().second = "x-daytona-pty-exit-control";  // subprotocols are case-sensitive
  CHECK(wrong_in_upgrade(answer(fields), nonce, offered).find("subprotocol") != std::string_view::npos);
  CHECK_FALSE(wrong_in_upgrade(answer(fields), nonce, nothing_offered).empty());
}
