#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "kit/temporary_directory.hpp"
#include "local/control/toolbox_settings.hpp"
#include "local/toolbox/interpreter/execution.hpp"
#include "local/toolbox/interpreter/execution_order.hpp"
#include "local/toolbox/interpreter/interpreter_limits.hpp"
#include "local/toolbox/interpreter/worker_process.hpp"
#include "local/toolbox/settings.hpp"

namespace daytona::local::toolbox {

namespace {

using namespace std::chrono_literals;

std::string refusal_of(std::string_view text) {
  try {
    read_execution_order(text);
  } catch (const execution_refusal& refused) {
    return std::to_string(refused.close_code()) + " " + refused.what();
  }
  return "accepted";
}

struct told_execution {
  std::string next() { return what.take_message().value_or("nothing"); }
  boost::asio::io_context io;
  execution what{io.get_executor(), {}, nullptr};
};

std::string message_text(std::string_view type, std::string_view text) {
  return R"({"type":")" + std::string{type} + R"(","text":")" + std::string{text} +
         R"(","name":"","value":"","traceback":""})";
}

}  // namespace

TEST_CASE("an order names code, context, variables and time limit; of ten minutes if it names none, and none for 0") {
  const auto order = read_execution_order(R"({"code":"x","contextId":"c","envs":{"A":"1","B.C":""},"timeout":7})");

  CHECK(order.request.code == "x");
  CHECK(order.context_id == "c");
  CHECK(order.request.environment == std::map<std::string, std::string>{{"A", "1"}, {"B.C", ""}});
  CHECK(order.request.time_limit == 7s);
  CHECK(read_execution_order(R"({"code":"x"})").request.time_limit == 600s);
  CHECK(read_execution_order(R"({"code":"x","contextId":null,"envs":null})").context_id.empty());
  CHECK_FALSE(read_execution_order(R"({"code":"x","timeout":0})").request.time_limit);
  CHECK(read_execution_order(R"({"code":"x","timeout":9000000000})").request.time_limit == 2147483647s);
}

TEST_CASE("I3: an order that can't be carried out is refused with the code and the words of the wire") {
  for (const char* broken :
       {"", "{", "[]", R"({"code":1})", R"({"code":"1","timeout":1.5})", R"({"code":"1","envs":{"A":1}})"})
    CHECK(refusal_of(broken) == "1002 invalid JSON payload");
  for (const char* empty : {"null", "{}", R"({"code":""})"}) CHECK(refusal_of(empty) == "1008 code is required");
  CHECK(refusal_of(R"({"code":"1","timeout":-1})") == "1008 timeout must be greater than or equal to 0");
  CHECK(refusal_of(R"({"code":"1","envs":{"A=B":"x"}})") == "1008 invalid environment variable: A=B");
  CHECK(refusal_of(R"({"code":"1","envs":{"A":"a\u0000b"}})") == "1008 invalid environment variable: A");
  CHECK(refusal_of(R"({"code":"1","envs":{"":"x"}})") == "1008 invalid environment variable: ");
}

TEST_CASE("S9: messages have all five members and whole characters, and what follows on the same output joins them") {
  told_execution told;

  told.what.put_output(true, "a\xE2\x82");
  told.what.put_output(true, "\xAC\n");
  told.what.put_output(false, "\"e\xFF");
  told.what.put_error(R"({"name":"N","value":"v","traceback":"t"})");
  told.what.put_control("completed");
  told.what.end(1000, "");
  told.what.end(1001, "too late");

  CHECK(told.next() == message_text("stdout", "a\xE2\x82\xAC\\n"));
  CHECK(told.next() == message_text("stderr", "\\\"e\xEF\xBF\xBD"));
  CHECK(told.next() == R"({"type":"error","text":"","name":"N","value":"v","traceback":"t"})");
  CHECK(told.next() == message_text("control", "completed"));
  CHECK(told.next() == "nothing");
  CHECK(told.what.how_it_ended()->code == 1000);
}

TEST_CASE("an exception that a worker tells in no known way is passed over") {
  told_execution told;

  told.what.put_error("[1");
  told.what.put_error(R"({"name":1})");

  CHECK(told.next() == "nothing");
}

TEST_CASE("S12: a program has no room when much of what it said waits, but if it is to end or nobody listens") {
  told_execution told;
  const std::string piece(100 * 1024, 'x');

  told.what.put_output(true, piece);
  CHECK(told.what.has_room());
  told.what.put_output(true, piece);
  told.what.put_output(true, piece);
  CHECK_FALSE(told.what.has_room());
  CHECK(told.next().size() > piece.size());
  CHECK(told.what.has_room());
  told.what.put_output(true, piece);
  told.what.hurry();
  CHECK(told.what.has_room());
  for (int n = 0; n < 100; ++n) told.what.put_output(n % 2 == 0, piece);
  told.what.put_control("interrupted");
  std::size_t kept = 0;
  std::string last;
  for (auto next = told.what.take_message(); next; next = told.what.take_message()) {
    kept += next->size();
    last = *next;
  }
  CHECK(kept < 5 * 1024 * 1024);
  CHECK(last == message_text("control", "interrupted"));
  told.what.abandon();
  told.what.put_output(true, piece);
  CHECK(told.next() == "nothing");
}

TEST_CASE("the interpreter is python3, else python, of the first folder that has it as a program") {
  const daytona::test::temporary_directory folder;
  const auto make = [&](const std::string& name, bool is_program) {
    std::filesystem::create_directories((folder.path / name).parent_path());
    std::ofstream{folder.path / name} << "";
    if (is_program) std::filesystem::permissions(folder.path / name, std::filesystem::perms::owner_all);
  };
  make("a/python3", false);
  make("b/python", true);
  make("c/python3", true);
  const auto at = [&](const std::string& name) { return (folder.path / name).string(); };

  CHECK(find_interpreter(at("a") + ":" + at("b") + ":" + at("c")) == at("c/python3"));
  CHECK(find_interpreter(at("a") + "::" + at("b")) == at("b/python"));
  CHECK(find_interpreter(at("a")).empty());
  CHECK(find_interpreter("").empty());
}

TEST_CASE("the control plane tells a toolbox how many contexts it may keep, and people too") {
  server_options options;
  options.max_contexts = 3;

  CHECK(parse_settings(toolbox_settings(options, {})).interpreter.contexts == 3);
  CHECK(parse_settings("{}").interpreter.contexts == server_options{}.max_contexts);
  CHECK(interpreter_limits_description(options) == "3 interpreter contexts in a sandbox besides the default one");
}

TEST_CASE("outputs that take turns, byte by byte, are held up long before they take much memory") {
  told_execution told;
  int messages = 0;

  for (; told.what.has_room() && messages < 100'000; ++messages) told.what.put_output(messages % 2 == 0, "x");

  CHECK(messages < 3'000);
  while (told.what.take_message()) {
  }
  CHECK(told.what.has_room());
}

}  // namespace daytona::local::toolbox
