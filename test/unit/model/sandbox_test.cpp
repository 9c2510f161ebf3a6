#include "model/sandbox.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

#include <string>

#include "../../support/recorded.hpp"
#include "model/directory.hpp"

using namespace daytona;
using namespace daytona::model;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view full_sandbox = R"({
  "id":"5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59","organizationId":"org","name":"worker-7","snapshot":"default","user":"daytona",
  "env":{"MODE":"ci"},"labels":{"code-toolbox-language":"python"},"public":true,"networkBlockAll":true,
  "networkAllowList":"10.0.0.0/8","domainAllowList":"*.example.org","outboundProxyUrl":"http://p:1","otelEndpointOverride":"http://o:1",
  "target":"local","cpu":1,"gpu":2,"memory":4,"disk":8,"spot":true,"spotEvictedAt":"t1","kvm":true,"gpuType":"H100",
  "state":"error","desiredState":"started","errorReason":"disk full","recoverable":true,"warmPoolId":"w","backupState":"None",
  "backupCreatedAt":"t2","autoStopInterval":15,"autoPauseInterval":0,"autoArchiveInterval":10080,"autoDeleteInterval":-1,
  "autoDestroyAt":"t3","queueTimeout":7,"queueTimedOutAt":"t4",
  "volumes":[{"volumeId":"v","mountPath":"/data"},{"volumeId":"w","mountPath":"/more","subpath":"a/b"}],
  "buildInfo":{"dockerfileContent":"FROM x\n","contextHashes":["h"],"createdAt":"c","updatedAt":"u","snapshotRef":"r"},
  "createdAt":"2026-03-04T05:06:07.008Z","updatedAt":"2026-03-04T05:06:09.100Z","lastActivityAt":"2026-03-04T05:06:09.200Z",
  "sandboxClass":"container","daemonVersion":"0.226.0","runnerId":"runner","linkedSandboxId":"other",
  "toolboxProxyUrl":"http://127.0.0.1:4000/toolbox"})";

}  // namespace

TEST_CASE("every attribute of a sandbox is read and written back as it came") {
  const auto sandbox = from_json<sandbox_data>(full_sandbox);

  REQUIRE(sandbox.has_value());
  CHECK(boost::json::parse(to_json(*sandbox)) == boost::json::parse(full_sandbox));
  CHECK(sandbox->auto_delete_interval == -1min);
  CHECK(sandbox->volumes.at(1).subpath == "a/b");
  CHECK(sandbox->build_info->context_hashes.at(0) == "h");
}

TEST_CASE("F13: a sandbox needs no more than its id") {
  const auto sandbox = from_json<sandbox_data>(R"({"id":"x"})");

  REQUIRE(sandbox.has_value());
  CHECK(sandbox->labels.empty());
  CHECK_FALSE(sandbox->auto_stop_interval.has_value());
  CHECK(state_from_text(sandbox->state) == sandbox_state::unrecognized);
}

TEST_CASE("F13: a sandbox is read although any of its members is null or missing, and a member is unknown") {
  const auto whole = boost::json::parse(full_sandbox).as_object();
  for (const auto& member : whole) {
    CAPTURE(std::string(std::string_view(member.key())));
    auto without = whole;
    without.erase(member.key());
    without["newInServer"] = {1, 2};
    auto with_null = whole;
    with_null[member.key()] = nullptr;

    const bool needed = member.key() == "id";
    CHECK(from_json<sandbox_data>(boost::json::serialize(without)).has_value() == !needed);
    CHECK(from_json<sandbox_data>(boost::json::serialize(with_null)).has_value() == !needed);
  }
}

TEST_CASE("a member of another type is a failure that names it, whichever it is") {
  const auto whole = boost::json::parse(full_sandbox).as_object();
  for (const auto& member : whole) {
    const std::string name(std::string_view(member.key()));
    CAPTURE(name);
    auto wrong = whole;
    wrong[member.key()] =
        member.value().is_array() ? boost::json::value(true) : boost::json::value(boost::json::array());

    const auto sandbox = from_json<sandbox_data>(boost::json::serialize(wrong));

    REQUIRE(sandbox.has_error());
    CHECK(sandbox.error().what.starts_with(name + ": expected "));
  }
}

TEST_CASE("F13: an unknown state keeps its text") {
  const auto sandbox = from_json<sandbox_data>(R"({"id":"x","state":"hibernating"})");

  REQUIRE(sandbox.has_value());
  CHECK(sandbox->state == "hibernating");
  CHECK(state_from_text(sandbox->state) == sandbox_state::unrecognized);
}

TEST_CASE("states and languages are told by their names on the wire") {
  for (int number = 0; number < static_cast<int>(sandbox_state::unrecognized); ++number) {
    const auto state = static_cast<sandbox_state>(number);
    CHECK(state_from_text(to_string(state)) == state);
  }
  CHECK(state_from_text("building_snapshot") == sandbox_state::building_snapshot);
  CHECK(language_from_text("typescript") == code_language::typescript);
  CHECK_FALSE(language_from_text("ruby").has_value());
}

TEST_CASE("an item of a list lacks what lists do not show") {
  const auto sandbox = from_json<sandbox_data>(full_sandbox);
  std::string text;
  json_writer out(text);

  write_list_item(out, *sandbox);

  const auto item = boost::json::parse(text).as_object();
  for (const char* name : {"env", "outboundProxyUrl", "otelEndpointOverride", "backupCreatedAt", "volumes", "buildInfo",
                           "linkedSandboxId", "kvm"})
    CHECK_FALSE(item.contains(name));
  for (const char* name : {"id", "organizationId", "name", "target", "user", "public", "networkBlockAll", "cpu", "gpu",
                           "memory", "disk", "labels", "toolboxProxyUrl", "state", "queueTimeout"})
    CHECK(item.contains(name));
}

TEST_CASE("what every server must send of a sandbox is written although it is empty") {
  sandbox_data bare;
  bare.id = "x";

  const auto written = boost::json::parse(to_json(bare)).as_object();

  for (const char* name : {"env", "labels", "public", "networkBlockAll", "target", "cpu", "gpu", "memory", "disk",
                           "kvm", "volumes", "toolboxProxyUrl", "queueTimeout"})
    CHECK(written.contains(name));
  CHECK(written.at("queueTimeout").is_null());
  CHECK_FALSE(written.contains("snapshot"));
}

TEST_CASE("a page is read with and without a next cursor, and as the bare array of the oldest servers") {
  CHECK(from_json<sandbox_page>(R"({"items":[{"id":"a"}],"nextCursor":"c2"})")->next_cursor == "c2");
  for (const char* last : {R"({"items":[{"id":"a"}],"nextCursor":null})", R"({"items":[{"id":"a"}],"nextCursor":""})",
                           R"({"items":[{"id":"a"}]})", R"([{"id":"a"}])"}) {
    const auto page = from_json<sandbox_page>(last);
    REQUIRE(page.has_value());
    CHECK(page->items.size() == 1);
    CHECK(page->next_cursor.empty());
  }
  CHECK(from_json<sandbox_page>(R"({"items":null})")->items.empty());
  CHECK(from_json<sandbox_page>("{}").has_error());
  CHECK(from_json<sandbox_page>(R"({"items":[{"id":"a"},{}]})").error().what == "items[1].id: missing");
}

TEST_CASE("F13: pages and addresses are read with nulls, without optional members, and with ones that nobody knows") {
  CHECK(from_json<sandbox_page>(R"({"items":[{"id":"a","new":{}}],"nextCursor":"c","total":[1]})")->items.size() == 1);
  for (const char* text : {R"({"items":[],"total":3})", R"({"items":null,"total":3,"page":null,"totalPages":null})",
                           R"({"items":[],"total":3,"page":1,"totalPages":1,"hasMore":{"x":[]}})"}) {
    const auto page = from_json<numbered_sandbox_page>(text);
    REQUIRE(page.has_value());
    CHECK(page->items.empty());
    CHECK(page->total == 3);
  }
  CHECK(from_json<url_answer>(R"({"url":"http://x","expires":null,"new":[{}]})")->url == "http://x");
  CHECK(from_json<directory_answer>(R"({"dir":"/home","new":[{}],"old":null})")->dir == "/home");
}

TEST_CASE("pages are written with both their keys, always") {
  sandbox_page last;
  CHECK(to_json(last) == R"({"items":[],"nextCursor":null})");
  last.next_cursor = "c2";
  CHECK(to_json(last) == R"({"items":[],"nextCursor":"c2"})");

  numbered_sandbox_page numbered;
  numbered.page = 1;
  CHECK(to_json(numbered) == R"({"items":[],"total":0,"page":1,"totalPages":0})");
  CHECK(from_json<numbered_sandbox_page>(to_json(numbered))->page == 1);
}

namespace {

template <class T>
void check_decodes(const std::string& name, const std::string& body) {
  const auto decoded = from_json<T>(body);
  CHECK_MESSAGE(decoded.has_value(), name, ": ", decoded.has_value() ? "" : decoded.error().what);
}

bool answers_with_a_sandbox(std::string_view method, std::string_view path) {
  if (!path.starts_with("/api/sandbox")) return false;
  const auto rest = path.substr(std::string_view("/api/sandbox").size());
  if (rest.empty()) return method == "POST";
  for (const char* other : {"build-logs-url", "toolbox-proxy-url", "/labels", "last-activity"})
    if (rest.find(other) != std::string_view::npos) return false;
  return rest != "/";
}

}  // namespace

TEST_CASE("every recorded answer about sandboxes decodes") {
  int sandboxes = 0;
  int pages = 0;
  for (const char* file : {"control/create.jsonl", "control/list.jsonl", "control/lifecycle.jsonl"}) {
    for (const auto& row : recorded::rows(file)) {
      for (const auto& exchange : row.at("exchanges").as_array()) {
        if (!exchange.as_object().contains("response")) continue;
        const auto& request = exchange.at("request");
        const auto body = recorded::body_of(exchange.at("response"));
        if (!body || recorded::status_of(exchange.at("response")) != 200) continue;
        const auto path = recorded::text_of(request.at("path"));
        const auto method = recorded::text_of(request.at("method"));
        if (method == "GET" && path == "/api/sandbox") {
          check_decodes<sandbox_page>(recorded::name_of(row), *body);
          ++pages;
        } else if (answers_with_a_sandbox(method, path)) {
          check_decodes<sandbox_data>(recorded::name_of(row), *body);
          ++sandboxes;
        } else if (path.ends_with("-url")) {
          check_decodes<url_answer>(recorded::name_of(row), *body);
        }
      }
    }
  }
  CHECK(sandboxes > 300);
  CHECK(pages > 80);
}
