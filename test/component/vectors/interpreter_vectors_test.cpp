// What the client makes of recorded conversations with the code interpreter, and whether it says the same.
#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include <string>

#include "../../support/recorded.hpp"
#include "kit/client_fixture.hpp"
#include "kit/web_socket_peer.hpp"

namespace json = boost::json;
using namespace daytona;
using namespace daytona::test;

namespace {

/// A recorded conversation, as far as a client could have it.
struct conversation {
  json::object order;  ///< Its first message.
  std::string frames;  ///< What the server said.
  std::string stdout_, stderr_, error, traceback;
  bool is_completed = false, is_interrupted = false;
  std::int64_t code = 0;
  std::string reason;
};

std::optional<std::string> payload_of(const json::value& frame) {
  const auto* data = frame.as_object().if_contains("data");
  const auto* text = data == nullptr ? nullptr : data->as_object().if_contains("text");
  return text == nullptr ? std::nullopt : std::optional{recorded::text_of(*text)};
}

void take_event(const json::value& event, conversation& into) {
  const auto type = recorded::text_of(event.at("type"));
  const auto text = recorded::text_of(event.at("text"));
  if (type == "stdout") into.stdout_ += text;
  if (type == "stderr") into.stderr_ += text;
  if (type == "error") into.error = recorded::text_of(event.at("name")) + ": " + recorded::text_of(event.at("value"));
  if (type == "error") into.traceback = recorded::text_of(event.at("traceback"));
  into.is_completed = into.is_completed || text == "completed";
  into.is_interrupted = into.is_interrupted || text == "interrupted";
}

/// Nothing if no client says so, or not all of it was kept.
std::optional<conversation> conversation_of(const json::value& row) {
  conversation talk;
  if (recorded::text_of(row.at("kind")) != "ws" || row.as_object().contains("defect")) return std::nullopt;
  for (const auto& frame : row.at("frames").as_array()) {
    const auto type = recorded::text_of(frame.at("type"));
    const bool is_sent = recorded::text_of(frame.at("dir")) == "send";
    if (type == "close") {
      talk.code = frame.at("code").as_int64();
      talk.reason = recorded::text_of(frame.at("reason"));
      talk.frames += close_frame(static_cast<std::uint16_t>(talk.code), talk.reason);
    } else if (type == "text" || type == "binary") {
      const auto text = payload_of(frame);
      boost::system::error_code error;
      const auto message = text ? json::parse(*text, error) : json::value{};
      if (error || !message.is_object()) return std::nullopt;
      if (is_sent && talk.order.empty()) talk.order = message.as_object();
      if (is_sent) continue;
      talk.frames += text_frame(*text);
      take_event(message, talk);
    }
  }
  const auto* code = talk.order.if_contains("code");
  const auto* timeout = talk.order.if_contains("timeout");
  const bool is_valid = code != nullptr && code->is_string() && !code->as_string().empty() &&
                        (timeout == nullptr || (timeout->is_int64() && timeout->as_int64() >= 0));
  return is_valid ? std::optional{talk} : std::nullopt;
}

run_code_options options_of(const json::object& order) {
  run_code_options options;
  if (const auto* id = order.if_contains("contextId")) options.context.emplace().id = recorded::text_of(*id);
  if (const auto* timeout = order.if_contains("timeout")) options.timeout = std::chrono::seconds{timeout->as_int64()};
  if (const auto* envs = order.if_contains("envs"))
    for (const auto& each : envs->as_object()) options.envs[std::string{each.key()}] = recorded::text_of(each.value());
  return options;
}

template <class Outcome>
void check_failure(const conversation& talk, const Outcome& end) {
  const auto refused = talk.code == 1008 ? errc::bad_request : errc::connection_lost;
  const auto wanted = talk.code == 4008 ? errc::process_execution_timeout : refused;
  CHECK(end.error().code() == wanted);
  CHECK(end.error().details().stdout_ == talk.stdout_);
  CHECK(std::string{end.error().what()}.find(talk.reason) != std::string::npos);
}

}  // namespace

TEST_CASE("the client says what was recorded of the interpreter, and reads what it answered") {
  std::size_t count = 0;
  for (const auto& row : recorded::rows("toolbox/interpreter.jsonl")) {
    auto talk = conversation_of(row);
    if (!talk) continue;
    CAPTURE(recorded::name_of(row));
    ++count;
    client_fixture fixture;
    fixture.script().upgrade("GET /toolbox/5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59/process/interpreter/execute HTTP/1.1",
                             "");
    fixture.script().on_message = [&](const std::string&) { return talk->frames; };

    const auto code = recorded::text_of(talk->order.at("code"));
    const auto end = fixture.run(fixture.sandbox().code_interpreter().run_code(code, options_of(talk->order)));

    talk->order.emplace("timeout", 600);
    CHECK(json::parse(fixture.script().messages.at(0)) == json::value(talk->order));
    if (!talk->is_completed) {
      check_failure(*talk, end);
      continue;
    }
    const auto& result = end.value();
    CHECK(result.stdout_ == talk->stdout_);
    CHECK(result.stderr_ == talk->stderr_);
    CHECK((result.error ? result.error->name + ": " + result.error->value : std::string{}) == talk->error);
    CHECK((result.error ? result.error->traceback : std::string{}) == talk->traceback);
  }
  CHECK(count > 60);
}
