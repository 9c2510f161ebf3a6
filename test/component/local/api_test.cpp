#include <doctest/doctest.h>

#include <string>

#include "api_fixture.hpp"

using namespace daytona::local;
using namespace daytona::local::test;

TEST_CASE("a missing or wrong key is told in the API's own shape, on every route but the public ones") {
  api_fixture api;

  for (const std::string_view key : {"", "kex", "keyy", "ke"}) {
    const auto refused = api.ask("GET", "/api/sandbox", {}, key);
    CHECK(refused.status == 401);
    CHECK(refused["message"] == "Invalid credentials");
    CHECK(refused["source"] == "DAYTONA_API");
  }
  CHECK(api.ask("GET", "/api/nothing", {}, "").status == 401);
  const auto toolbox = api.ask("GET", "/toolbox/x/version", {}, "");
  CHECK(toolbox.status == 401);
  CHECK(toolbox["source"] == "DAYTONA_PROXY");
  CHECK(toolbox["code"] == "UNAUTHORIZED");
  for (const char* open : {"/api/config", "/api/health", "/api/shared-regions"})
    CHECK(api.ask("GET", open, {}, "").status == 200);
  CHECK(api.ask("GET", "/api/socket.io/?EIO=4&transport=websocket", {}, "").status == 404);
}

TEST_CASE("two keys are none, also if the right one is among them") {
  api_fixture api;

  for (const std::string_view keys : {"Authorization: Bearer key\r\nAuthorization: Bearer kex\r\n",
                                      "Authorization: Bearer kex\r\nAuthorization: Bearer key\r\n",
                                      "Authorization: Bearer key\r\nauthorization: Bearer key\r\n"}) {
    CAPTURE(keys);
    const std::string head =
        "GET /api/sandbox HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + std::string{keys} + "\r\n";
    CHECK(api.send(head).status == 401);
  }
}

TEST_CASE("a message tells a name that holds NUL as a whole") {
  api_fixture api;

  const auto unknown = api.ask("GET", "/api/sandbox/abc%00def");

  CHECK(unknown.status == 404);
  CHECK(unknown["message"] == std::string_view{"Sandbox with ID or name abc\0def not found", 41});
  CHECK(unknown.text.find(R"(abc\u0000def)") != std::string::npos);
}

TEST_CASE("an unknown route is a 404 in the API's own shape") {
  api_fixture api;

  const auto unknown = api.ask("GET", "/api/nothing");

  CHECK(unknown.status == 404);
  CHECK(unknown["message"] == "Cannot GET /api/nothing");
}

TEST_CASE("a sandbox is created, found by id, name and list, labelled and deleted over HTTP") {
  api_fixture api;

  const auto made = api.ask("POST", "/api/sandbox", R"({"name":"a/b:c","labels":{"k":"v"}})");
  CHECK(made.status == 200);
  CHECK(made["state"] == "started");
  const std::string id{made["id"]};
  CHECK(api.ask("GET", "/api/sandbox/" + id)["name"] == "a/b:c");
  CHECK(api.ask("GET", "//api/sandbox/a%2Fb%3Ac")["id"] == id);

  const auto listed = api.ask("GET", R"(/api/sandbox?labels={"k":"v"})");
  CHECK(listed.body.at("items").as_array().size() == 1);
  CHECK(listed.body.at("nextCursor").is_null());
  CHECK_FALSE(listed.body.at("items").at(0).as_object().contains("env"));
  const auto page = api.ask("GET", "/api/sandbox/paginated?labels=null");
  CHECK(page.body.at("total").as_int64() == 1);
  CHECK(page.body.at("items").at(0).as_object().contains("env"));

  CHECK(api.ask("PUT", "/api/sandbox/" + id + "/labels", R"({"labels":{"n":"w"}})")
            .body.at("labels")
            .as_object()
            .size() == 1);
  CHECK(api.ask("POST", "/api/sandbox/" + id + "/last-activity").status == 201);
  CHECK(api.ask("GET", "/api/sandbox/" + id + "/toolbox-proxy-url")["url"] == "http://127.0.0.1:1/toolbox");
  CHECK(api.ask("DELETE", "/api/sandbox/" + id).status == 200);
  const auto gone = api.ask("GET", "/api/sandbox/" + id);
  CHECK(gone.status == 404);
  CHECK(gone["message"] == "Sandbox with ID or name " + id + " not found");
}

TEST_CASE("the toolbox of a sandbox that is not there, or not started, is refused by the proxy") {
  api_fixture api;
  const std::string id{api.ask("POST", "/api/sandbox")["id"]};
  api.ask("POST", "/api/sandbox/" + id + "/stop?force=true");

  CHECK(api.ask("GET", "/toolbox/nobody/version")["code"] == "SANDBOX_NOT_FOUND");
  const auto stopped = api.ask("GET", "/toolbox/" + id + "/version");
  CHECK(stopped.status == 400);
  CHECK(stopped["code"] == "SANDBOX_NOT_STARTED");
}

TEST_CASE("the backend's answers about itself hold what the official clients require") {
  api_fixture api;

  const auto configuration = api.ask("GET", "/api/config");
  for (const char* member :
       {"version", "oidc", "linkedAccountsEnabled", "announcements", "proxyTemplateUrl", "proxyToolboxUrl",
        "defaultSnapshot", "dashboardUrl", "maxAutoArchiveInterval", "maintananceMode", "environment"})
    CHECK(configuration.body.as_object().contains(member));
  CHECK(configuration.body.at("oidc").as_object().contains("provider"));
  CHECK(api.ask("GET", "/api/api-keys/current").body.as_object().contains("permissions"));
  CHECK(api.ask("GET", "/api/organizations").body.as_array().size() == 1);
  CHECK(api.ask("GET", "/api/regions").body.at(0).at("name").as_string() == "us");
  CHECK(api.ask("GET", "/api/snapshots").body.at("total").as_int64() == 4);
  CHECK(api.ask("GET", "/api/snapshots/daytona-small").body.at("mem").as_int64() == 1);
  CHECK(api.ask("GET", "/api/snapshots/other").status == 404);
}
