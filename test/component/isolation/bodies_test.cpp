// What requests, outputs and commands may take of a toolbox's memory. The toolbox's service, in this process.
#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "service_fixture.hpp"

namespace daytona::local::test {

namespace {

constexpr std::size_t mebibyte = 1024 * 1024;

toolbox::settings with_texts(std::size_t most) {
  toolbox::settings wanted;
  wanted.sessions.all_texts = most;
  return wanted;
}

toolbox::service_limits with_outputs(std::size_t most) {
  toolbox::service_limits limits;
  limits.outputs = most;
  return limits;
}

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

TEST_CASE("paths of files that are uploaded take no more of a toolbox's memory than all bodies may have together") {
  toolbox::service_limits few;
  few.bodies = 64 * 1024;
  service_fixture fixture{few};
  const auto form = [](int paths) {
    std::string text;
    for (int n = 0; n < paths; ++n)
      text += "--B\r\nContent-Disposition: form-data; name=\"files[" + std::to_string(n) + "].path\"\r\n\r\nnever\r\n";
    return text + "--B--\r\n";
  };
  const auto upload = [&](const std::string& body) {
    unique_fd client = fixture.connect();
    fixture.send(
        client,
        "POST /files/bulk-upload HTTP/1.1\r\nHost: toolbox\r\nContent-Type: multipart/form-data; boundary=B\r\n" +
            length(body.size()) + "\r\n\r\n" + body);
    return fixture.answered(client);
  };

  CHECK(tells_when_to_come_again(upload(form(1000))));
  CHECK(upload(form(100)).ends_with(R"({"files":null})"));
}

}  // namespace daytona::local::test
