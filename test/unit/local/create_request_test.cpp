#include "local/control/create_request.hpp"

#include <doctest/doctest.h>

#include <string>

#include "local/http/http_error.hpp"

using namespace daytona::local;
using daytona::local::http::http_error;
using std::chrono::minutes;

namespace {

http_error refused_request(const std::string& body) {
  try {
    read_create_request(body);
  } catch (const http_error& error) {
    return error;
  }
  return http_error{0, "accepted"};
}

}  // namespace

TEST_CASE("an empty create request is the default snapshot in the default region") {
  for (const char* body :
       {"", "{}", "null", R"({"name":null,"snapshot":"","target":"","env":{},"volumes":[],"secrets":[]})"}) {
    const auto sandbox = read_create_request(body);

    CHECK(sandbox.snapshot == "default");
    CHECK(sandbox.target == "us");
    CHECK(sandbox.user == "daytona");
    CHECK(sandbox.name.empty());
    CHECK(sandbox.cpu == 1);
    CHECK(sandbox.memory == 1);
    CHECK(sandbox.disk == 3);
    CHECK(sandbox.auto_stop_interval == minutes{15});
    CHECK(sandbox.auto_archive_interval == minutes{10'080});
    CHECK(sandbox.auto_delete_interval == minutes{-1});
    CHECK_FALSE(sandbox.queue_timeout);
  }
}

TEST_CASE("what a create request says is kept, and unknown members are ignored") {
  const auto sandbox = read_create_request(
      R"({"name":"job: 2026-01-02T03:04","snapshot":"daytona-large","env":{"A":"1"},"labels":{"team":"x"},"public":true,
          "networkBlockAll":true,"autoStopInterval":0,"autoArchiveInterval":0,"autoDeleteInterval":0,"queueTimeout":7,
          "target":" eu ","envVars":{"B":"2"}})");

  CHECK(sandbox.name == "job: 2026-01-02T03:04");
  CHECK(sandbox.snapshot == "daytona-large");
  CHECK(sandbox.cpu == 4);
  CHECK(sandbox.memory == 8);
  CHECK(sandbox.disk == 10);
  CHECK(sandbox.env.at("A") == "1");
  CHECK(sandbox.labels.at("team") == "x");
  CHECK(sandbox.is_public);
  CHECK(sandbox.network_block_all);
  CHECK(sandbox.auto_stop_interval == minutes{0});
  CHECK(sandbox.auto_archive_interval == minutes{longest_auto_archive_interval});
  CHECK(sandbox.auto_delete_interval == minutes{0});
  CHECK(sandbox.queue_timeout == minutes{7});
  CHECK(sandbox.target == "eu");
}

TEST_CASE("every violated constraint of a create request is named in one answer") {
  const auto error = refused_request(R"({"name":1,"env":[],"labels":{"a":2},"public":"yes","autoStopInterval":1.5})");

  CHECK(error.status() == 400);
  CHECK(error.message() ==
        "name must be a string, env must be an object, labels.a must be a string, public must be a boolean value, "
        "autoStopInterval must be an integer number");
}

TEST_CASE("a create request is refused with the API's own words") {
  CHECK(refused_request("{").message() == "Invalid JSON in request body");
  CHECK(refused_request("[]").message() == "the request body must be a JSON object");
  CHECK(refused_request(R"({"autoStopInterval":-1})").message() == "Auto-stop interval must be non-negative");
  CHECK(refused_request(R"({"autoArchiveInterval":-1})").message() == "Auto-archive interval must be non-negative");
  CHECK(refused_request(R"({"queueTimeout":0})").message() == "queueTimeout must not be less than 1");
  CHECK(refused_request(R"({"cpu":2})").message() == "Cannot specify Sandbox resources when using a snapshot");
  CHECK(refused_request(R"({"snapshot":"no"})").message() ==
        "Snapshot no not found. Did you add it through the Daytona Dashboard?");
  CHECK(refused_request(R"({"name":"<b>x</b>"})").message() ==
        "name must not contain HTML tags, URLs, or control characters");
  CHECK(refused_request(R"({"target":"mars"})").status() == 404);
  CHECK(refused_request(R"({"target":"mars"})").message() == "Region not found");
  CHECK(refused_request(std::string(10'000, '[')).status() == 400);
}

TEST_CASE("what this backend can't enforce is refused by name, all of it at once") {
  const auto error = refused_request(
      R"({"networkAllowList":"10.0.0.0/8","volumes":[{"volumeId":"v","mountPath":"/d"}],"kvm":true,"user":"root"})");

  CHECK(error.status() == 400);
  for (const char* name : {"networkAllowList", "volumes", "kvm", "user"})
    CHECK(error.message().find(name) != std::string::npos);
  CHECK(refused_request(R"({"buildInfo":{"dockerfileContent":"FROM x\n"}})")
            .message()
            .starts_with("buildInfo is not supported"));
}

TEST_CASE("environment names that no process can have are refused") {
  CHECK(refused_request(R"({"env":{"A=B":"1"}})").status() == 400);
  CHECK(refused_request(R"({"env":{"":"1"}})").status() == 400);
  CHECK(refused_request("{\"env\":{\"A\":\"a\\u0000b\"}}").status() == 400);
}
