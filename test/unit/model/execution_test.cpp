#include "model/execution.hpp"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include <string>

#include "../../support/recorded.hpp"

using namespace daytona;
using namespace daytona::model;

TEST_CASE("P6: a merged answer has all output in the result, and in stdout") {
  const auto answer = from_json<execute_response>(R"({"exitCode":42,"result":"partial\n"})");

  REQUIRE(answer.has_value());
  CHECK(answer->exit_code == 42);
  CHECK(answer->result == "partial\n");
  CHECK(answer->artifacts.stdout_ == "partial\n");
  CHECK_FALSE(answer->artifacts.stderr_.has_value());
}

TEST_CASE("P6: a split answer keeps the streams apart, wherever the server puts them") {
  for (const char* text : {R"({"exitCode":0,"result":"oe","stdout":"o","stderr":"e"})",
                           R"({"exitCode":0,"result":"oe","artifacts":{"stdout":"o","stderr":"e"}})"}) {
    const auto answer = from_json<execute_response>(text);

    REQUIRE(answer.has_value());
    CHECK(answer->result == "oe");
    CHECK(answer->artifacts.stdout_ == "o");
    CHECK(answer->artifacts.stderr_ == "e");
  }
}

TEST_CASE("the oldest servers call the exit code `code`, and `exitCode` wins") {
  CHECK(from_json<execute_response>(R"({"code":3,"result":""})")->exit_code == 3);
  CHECK(from_json<execute_response>(R"({"code":3,"exitCode":4,"result":""})")->exit_code == 4);
}

TEST_CASE("an exit code is never guessed") {
  CHECK(from_json<execute_response>(R"({"result":"x"})").error().what == "exitCode: missing");
  CHECK(from_json<execute_response>(R"({"exitCode":null,"result":"x"})").error().what == "exitCode: missing");
  CHECK(from_json<execute_response>(R"({"exitCode":"0","result":"x"})").has_error());
  CHECK(from_json<execute_response>(R"({"exitCode":99999999999,"result":"x"})").has_error());
  CHECK(from_json<execute_response>(R"({"exitCode":0})").error().what == "result: missing");
}

TEST_CASE("F13: an execute answer is read with nulls and unknown members") {
  const auto answer = from_json<execute_response>(
      R"({"exitCode":0,"result":null,"artifacts":null,"stdout":null,"stderr":null,"code":null,"new":[{}]})");

  REQUIRE(answer.has_value());
  CHECK(answer->result.empty());
  CHECK(from_json<execute_response>(R"({"exitCode":0,"result":"","artifacts":{"charts":null}})").has_value());
}

TEST_CASE("P4: a command of 2 MiB with everything in it goes out and comes back unchanged") {
  execute_request request;
  request.command = "cat <<'END'\n\"quotes\" \\ back\tslash\r\n\x01 é € 😀\nEND\n";
  while (request.command.size() < 2 * 1024 * 1024) request.command += request.command;
  request.envs = {{"A", "line one\nline \"two\" \\ 'three' é"}};

  const auto back = from_json<execute_request>(to_json(request));

  REQUIRE(back.has_value());
  CHECK(back->command == request.command);
  CHECK(back->envs == request.envs);
}

TEST_CASE("what is not given is not sent") {
  execute_request command;
  command.command = "ls";
  CHECK(to_json(command) == R"({"command":"ls"})");
  command.cwd = "src";
  command.timeout = 30;
  CHECK(to_json(command) == R"({"command":"ls","cwd":"src","timeout":30})");

  code_run_request program;
  program.code = "1";
  program.language = "python";
  CHECK(to_json(program) == R"({"code":"1","language":"python"})");
  program.argv = {"a"};
  program.envs = {{"K", "v"}};
  CHECK(to_json(program) == R"({"code":"1","language":"python","argv":["a"],"envs":{"K":"v"}})");
}

TEST_CASE("every recorded answer of execute and code-run decodes and is written back as it came") {
  int seen = 0;
  for (const auto& row : recorded::rows("toolbox/process.jsonl")) {
    if (recorded::text_of(row.at("kind")) != "http") continue;
    const auto body = recorded::body_of(row.at("response"));
    if (!body || recorded::status_of(row.at("response")) != 200) continue;
    const auto name = recorded::name_of(row);
    CAPTURE(name);

    const auto answer = from_json<execute_response>(*body);

    REQUIRE(answer.has_value());
    if (body->find("\"charts\"") == std::string::npos)
      CHECK(boost::json::parse(to_json(*answer)) == boost::json::parse(*body));
    ++seen;
  }
  CHECK(seen > 80);
}

TEST_CASE("every recorded request that a client may send is made again by the encoders") {
  int seen = 0;
  for (const auto& row : recorded::rows("toolbox/process.jsonl")) {
    if (recorded::text_of(row.at("kind")) != "http" || recorded::status_of(row.at("response")) != 200) continue;
    const auto body = recorded::body_of(row.at("request"));
    if (!body || body->find("null") != std::string::npos) continue;
    const auto name = recorded::name_of(row);
    if (name.ends_with("keys in other case") || name.ends_with("unknown key") || name.ends_with("cwd empty")) continue;
    CAPTURE(name);

    const bool runs_code = recorded::text_of(row.at("request").at("path")).ends_with("code-run");
    const auto again =
        runs_code ? to_json(*from_json<code_run_request>(*body)) : to_json(*from_json<execute_request>(*body));

    CHECK(boost::json::parse(again) == boost::json::parse(*body));
    ++seen;
  }
  CHECK(seen > 80);
}
