// What the client makes of recorded conversations with terminals, and of recorded answers about them.
#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "../../support/recorded.hpp"
#include "kit/client_fixture.hpp"
#include "kit/web_socket_peer.hpp"
#include "model/base64.hpp"

namespace json = boost::json;
using namespace daytona;
using namespace daytona::test;
using namespace std::string_literals;
using asio::awaitable;

namespace {

constexpr auto terminals = "/process/pty";
const auto terminals_target = "/toolbox/5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59"s + terminals;
const auto first_attempt = "GET " + terminals_target + "/create-connect?id=p5&cols=80&rows=24 HTTP/1.1";

/// A recorded conversation with a terminal, as far as a client could have it.
struct terminal_talk {
  std::string path;                 ///< Below `terminals`.
  std::vector<std::string> inputs;  ///< What the client typed.
  std::vector<std::string> said =
      std::vector<std::string>(1);  ///< Frames of the server: at first, and behind each input.
  std::string output;
  std::string refusal;                ///< What it said instead of connecting.
  std::optional<std::uint16_t> code;  ///< Of its goodbye. Absent = the client left, or the connection was cut.
  std::string reason;
  bool is_connected = false, has_client_left = false;
};

/// Of what was not kept, there is the beginning.
std::string bytes_of(const json::value& frame) {
  const auto& data = frame.at("data").as_object();
  if (const auto* encoded = data.if_contains("base64"))
    return model::decode_base64(recorded::text_of(*encoded)).value();
  return recorded::text_of(data.at(data.contains("text") ? "text" : "first"));
}

/// No client can type before it is connected: what was typed earlier is answered by what came then.
void take_typed(const json::value& frame, terminal_talk& talk) {
  if (frame.at("data").as_object().contains("omitted")) return;
  talk.inputs.push_back(bytes_of(frame));
  if (talk.is_connected) talk.said.emplace_back();
}

void take_said(const json::value& frame, bool is_text, terminal_talk& talk) {
  const auto bytes = bytes_of(frame);
  talk.said.back() += is_text ? text_frame(bytes) : binary_frame(bytes);
  if (!is_text) {
    talk.output += bytes;
    return;
  }
  const auto control = json::parse(bytes);
  if (recorded::text_of(control.at("status")) == "error") talk.refusal = recorded::text_of(control.at("error"));
  if (recorded::text_of(control.at("status")) != "connected") return;
  talk.is_connected = true;
  talk.said.resize(talk.inputs.size() + 1);
}

void take_goodbye(const json::value& frame, bool is_sent, terminal_talk& talk) {
  talk.has_client_left = talk.has_client_left || is_sent;
  if (talk.has_client_left) return;  // the peer answers it by itself
  talk.code = static_cast<std::uint16_t>(frame.at("code").as_int64());
  talk.reason = recorded::text_of(frame.at("reason"));
  talk.said.back() += close_frame(*talk.code, talk.reason);
}

/// Nothing if no client says so.
std::optional<terminal_talk> terminal_talk_of(const json::value& row) {
  if (recorded::text_of(row.at("kind")) != "ws" || row.at("frames").as_array().empty()) return std::nullopt;
  terminal_talk talk;
  talk.path = recorded::text_of(row.at("request").at("path")).substr(std::string_view(terminals).size());
  talk.has_client_left = recorded::text_of(row.at("end")) == "recorder left";
  for (const auto& frame : row.at("frames").as_array()) {
    const auto type = recorded::text_of(frame.at("type"));
    const bool is_sent = recorded::text_of(frame.at("dir")) == "send";
    if (type == "close")
      take_goodbye(frame, is_sent, talk);
    else if (type == "text" || type == "binary")
      is_sent ? take_typed(frame, talk) : take_said(frame, type == "text", talk);
  }
  return talk;
}

void play_terminal(const terminal_talk& talk, script& plot) {
  const bool is_cut = !talk.code && !talk.has_client_left;
  plot.upgrade("GET " + terminals_target + talk.path + " HTTP/1.1", talk.said.front(), is_cut);
  plot.on_message = [&](const std::string&) { return talk.said.at(plot.messages.size()); };
}

/// Types what was typed, and reads until all that was put out has come, or the conversation ends.
awaitable<void> hold_talk(pty_handle pty, const terminal_talk& talk, std::string& output) {
  for (const auto& input : talk.inputs) co_await pty.send_input(input);
  bool more = true;
  while (more && (output.size() < talk.output.size() || !talk.has_client_left)) {
    const auto some = co_await pty.read();
    output += some;
    more = !some.empty();
  }
  if (talk.has_client_left) co_await pty.disconnect();
}

/// What the reason of the server's goodbye says; nothing is to be known where it says nothing.
pty_result told_by(const terminal_talk& talk) {
  pty_result told;
  boost::system::error_code error;
  const auto reason = json::parse(talk.reason, error);
  if (error || !reason.is_object()) return told;
  if (const auto* code = reason.as_object().if_contains("exitCode"))
    told.exit_code = static_cast<int>(code->as_int64());
  if (const auto* why = reason.as_object().if_contains("exitReason")) told.error = recorded::text_of(*why);
  return told;
}

void check_talk_end(const terminal_talk& talk, const outcome<void>& end, client_fixture& fixture, pty_handle pty) {
  const auto wanted = told_by(talk);
  CHECK(pty.exit_code() == wanted.exit_code);
  CHECK_FALSE(pty.is_connected());
  CHECK(end.failed() == !(wanted.exit_code || talk.has_client_left));
  if (!end.failed()) {
    const auto result = fixture.run(pty.wait()).value();
    CHECK(result.exit_code == wanted.exit_code);
    CHECK(result.error == wanted.error);
    return;
  }
  CHECK(end.error().code() == (talk.reason == "slow consumer" ? errc::slow_consumer : errc::connection_lost));
  CHECK(end.error().close_code() == talk.code);
  CHECK(end.error().message().find(talk.refusal.empty() ? talk.reason : talk.refusal) != std::string::npos);
}

json::value shown(const pty_session_info& info) {
  json::object all{{"id", info.id},     {"cwd", info.cwd},   {"createdAt", info.created_at},
                   {"cols", info.cols}, {"rows", info.rows}, {"active", info.active}};
  all["lazyStart"] = info.lazy_start;
  auto& envs = all["envs"].emplace_object();
  for (const auto& [name, value] : info.envs) envs[name] = value;
  return all;
}

/// Asks as the official SDK does for what is at `path` below the terminals; tells what it was told, as the wire has it.
awaitable<json::value> ask_about_terminals(process target, std::string verb, std::string path) {
  const auto id = path.empty() ? path : path.substr(1, path.find('/', 1) - 1);
  json::value told;
  if (verb == "DELETE") {
    co_await target.kill_pty_session(id);
    told = {{"message", "PTY session deleted"}};
  } else if (verb == "GET" && id.empty()) {
    const auto all = co_await target.list_pty_sessions();
    auto& list = told.emplace_object()["sessions"].emplace_array();
    for (const auto& each : all) list.push_back(shown(each));
  } else if (verb == "GET") {
    const auto info = co_await target.get_pty_session_info(id);
    told = shown(info);
  } else if (id.empty()) {
    const auto pty = co_await target.create_pty_session("p5");
    told = {{"sessionId", pty.session_id()}};
  } else {
    const pty_size size{40, 120};
    const auto info = co_await target.resize_pty_session(id, size);
    told = shown(info);
  }
  co_return told;
}

/// Whether the client asks so: it connects as a WebSocket alone.
bool is_asked(const json::value& row) {
  return recorded::text_of(row.at("kind")) == "http" &&
         recorded::text_of(row.at("request").at("path")).find("/connect") == std::string::npos;
}

}  // namespace

TEST_CASE("P7: the client types what was recorded of terminals, and reads what they put out and how they ended") {
  std::size_t count = 0;
  for (const auto& row : recorded::rows("toolbox/pty.jsonl")) {
    const auto talk = terminal_talk_of(row);
    if (!talk) continue;
    CAPTURE(recorded::name_of(row));
    ++count;
    for (const std::size_t piece : {0, 7}) {
      client_fixture fixture;
      fixture.script().piece = piece;
      play_terminal(*talk, fixture.script());
      const auto id = talk->path.substr(1, talk->path.find("/connect") - 1);
      const auto pty = fixture.run(fixture.sandbox().process().connect_pty_session(id)).value();
      std::string output;

      const auto end = fixture.run(hold_talk(pty, *talk, output));

      CHECK(fixture.script().messages == talk->inputs);
      CHECK(output == talk->output);
      check_talk_end(*talk, end, fixture, pty);
    }
  }
  CHECK(count > 20);
}

TEST_CASE("a recorded server that does not create and connect at once is asked for one after the other") {
  for (const auto& row : recorded::rows("toolbox/pty.jsonl")) {
    if (recorded::name_of(row) != "pty.create-connect") continue;
    client_fixture fixture;
    fixture.script().reply(first_attempt, 404, *recorded::body_of(row.at("response")));
    fixture.script().reply("POST " + terminals_target + " HTTP/1.1", 201, R"({"sessionId":"p5"})");
    fixture.script().upgrade("GET " + terminals_target + "/p5/connect HTTP/1.1", "");

    const auto end = fixture.run(fixture.sandbox().process().create_pty_session("p5"));

    REQUIRE_FALSE(end.failed());
    const auto offered = recorded::text_of(row.at("request").at("headers").at("Sec-WebSocket-Protocol"));
    CHECK(fixture.script().requests.at(0).find("\r\nSec-WebSocket-Protocol: " + offered + "\r\n") != std::string::npos);
  }
}

TEST_CASE("recorded answers about terminals are read as they are, and refusals are errors with their words") {
  std::size_t count = 0;
  for (const auto& row : recorded::rows("toolbox/pty.jsonl")) {
    if (!is_asked(row)) continue;
    CAPTURE(recorded::name_of(row));
    ++count;
    const auto verb = recorded::text_of(row.at("request").at("method"));
    const auto path = recorded::text_of(row.at("request").at("path"));
    const auto status = static_cast<unsigned>(*recorded::status_of(row.at("response")));
    const auto body = *recorded::body_of(row.at("response"));
    client_fixture fixture;
    fixture.script().forgiving = true;
    fixture.script().otherwise = [](const std::string&) { return http_answer(200, sandbox_json("started")); };
    const bool creates = verb == "POST" && path == terminals;
    if (creates) fixture.script().reply(first_attempt, 404, R"({"error":"PTY session not found"})");
    const auto line = verb + " " + terminals_target + path.substr(std::string_view(terminals).size()) + " HTTP/1.1";
    fixture.script().reply(line, status, body);
    if (creates) fixture.script().upgrade("GET " + terminals_target + "/p5/connect HTTP/1.1", "");

    const auto end = fixture.run(
        ask_about_terminals(fixture.sandbox().process(), verb, path.substr(std::string_view(terminals).size())));

    CHECK(end.failed() == (status >= 400));
    if (!end.failed()) {
      if (!creates) CHECK(end.value() == json::parse(body));
      continue;
    }
    CHECK(end.error().http_status() == status);
    CHECK(end.error().message().find(recorded::text_of(json::parse(body).at("error"))) != std::string::npos);
  }
  CHECK(count > 50);
}
