#include "protocol/pty_conversation.hpp"

#include <doctest/doctest.h>

using daytona::protocol::pty_conversation;

namespace {

constexpr auto connected = R"({"type":"control","status":"connected"})";
constexpr auto exited = R"({"type":"control","status":"exited","exitCode":3,"exitReason":"non-zero exit"})";

}  // namespace

TEST_CASE("P7: connected, then an exit") {
  pty_conversation pty;
  CHECK_FALSE(pty.is_connected());

  CHECK(pty.take_text(connected));
  CHECK(pty.is_connected());
  CHECK_FALSE(pty.has_ended());

  CHECK(pty.take_text(exited));
  CHECK(pty.has_ended());
  CHECK(pty.exit_code() == 3);
  CHECK(pty.error() == "non-zero exit");
}

TEST_CASE("P7: an exit alone, without a word of a connection") {
  pty_conversation pty;
  pty.take_text(R"({"exitCode":0,"status":"exited","type":"control"})");

  CHECK(pty.has_ended());
  CHECK(pty.exit_code() == 0);
  CHECK_FALSE(pty.error());
}

TEST_CASE("P7: a close frame alone tells the exit in its reason") {
  pty_conversation pty;
  pty.take_text(connected);
  pty.take_close(1011, R"({"exitCode":137,"exitReason":"SIGKILL"})");

  CHECK(pty.has_ended());
  CHECK(pty.exit_code() == 137);
  CHECK(pty.error() == "SIGKILL");
}

TEST_CASE("P7: what the exit message said is not changed by the close frame behind it") {
  pty_conversation pty;
  pty.take_text(exited);
  pty.take_close(1000, R"({"exitCode":0})");

  CHECK(pty.exit_code() == 3);
}

TEST_CASE("P7: an exit code that nobody told is not known, whatever the close code") {
  for (const auto* reason :
       {"", "bye", "{}", "[]", R"({"exitCode":"0"})", R"({"exitCode":null})", R"({"exitCode":1e99})"}) {
    pty_conversation pty;
    pty.take_text(connected);
    pty.take_close(1000, reason);
    CAPTURE(reason);
    CHECK_FALSE(pty.exit_code());
    CHECK_FALSE(pty.has_ended());
  }
}

TEST_CASE("P7: a refused connection says why") {
  pty_conversation pty;
  CHECK(pty.take_text(R"({"type":"control","status":"error","error":"PTY session x not found"})"));

  CHECK(pty.was_refused());
  CHECK_FALSE(pty.is_connected());
  CHECK(pty.error() == "PTY session x not found");
}

TEST_CASE("text that is no control message is output") {
  pty_conversation pty;
  for (const auto* text : {"ls\r\n", "{", "{}", R"({"type":"data"})", R"([{"type":"control"}])", R"("control")", ""})
    CHECK_FALSE(pty.take_text(text));
  CHECK(pty.take_text(R"({"type":"control","status":"something new"})"));
  CHECK_FALSE(pty.is_connected());
}
