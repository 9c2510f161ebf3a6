#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "live.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;

namespace {

template <class T>
using awaitable = asio::awaitable<T>;

std::string unique_name(std::string_view prefix) {
  return std::string(prefix) + "-" + std::to_string(std::chrono::system_clock::now().time_since_epoch().count());
}

template <class Error, class Operation>
awaitable<void> check_throws(Operation operation) {
  bool thrown = false;
  try {
    co_await operation();
  } catch (const Error&) {
    thrown = true;
  }
  CHECK(thrown);
}

}  // namespace

TEST_CASE("a sandbox is created, found by id and name, and removed") {
  auto work = []() -> awaitable<void> {
    auto client = live_client();
    create_from_snapshot_params params;
    params.name = unique_name("found");
    params.labels["purpose"] = "e2e";
    params.env_vars["GREETING"] = "hello";
    auto made = co_await client.create(params);
    CHECK(made.state() == sandbox_state::started);
    CHECK(made.name() == params.name);
    CHECK(made.labels().at("purpose") == "e2e");
    CHECK(made.labels().at("code-toolbox-language") == "python");

    auto by_id = co_await client.get(made.id());
    CHECK(by_id.name() == params.name);
    auto by_name = co_await client.get(params.name);
    CHECK(by_name.id() == made.id());
    const std::map<std::string, std::string> labels{{"purpose", "e2e"}};
    auto found = co_await client.find_one("", labels);
    CHECK(found.labels().at("purpose") == "e2e");

    remove_options wait;
    wait.wait = true;
    co_await made.remove(wait);
    co_await check_throws<not_found_error>([&] { return client.get(by_id.id()); });
    co_await by_id.remove();  // gone already: a success
  };
  run_live(work());
}

TEST_CASE("a name that is taken is a conflict, and an unknown snapshot a bad request") {
  auto work = []() -> awaitable<void> {
    auto client = live_client();
    create_from_snapshot_params params;
    params.name = unique_name("taken");
    auto body = [&](sandbox) -> awaitable<void> {
      co_await check_throws<conflict_error>([&] { return client.create(params); });
    };
    co_await with_sandbox(client, params, body);
    create_from_snapshot_params unknown;
    unknown.snapshot = "there-is-no-such-snapshot";
    co_await check_throws<bad_request_error>([&] { return client.create(unknown); });
  };
  run_live(work());
}

TEST_CASE("files outlive a stop, processes do not") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    auto process = sandbox.process();
    auto before =
        co_await process.exec("echo kept > kept.txt; echo kept > /tmp/kept.txt; nohup sleep 1000 > /dev/null 2>&1 &");
    CHECK(before.exit_code == 0);
    co_await sandbox.stop();
    CHECK(sandbox.state() == sandbox_state::stopped);
    co_await sandbox.start();
    CHECK(sandbox.state() == sandbox_state::started);
    auto after = co_await process.exec("cat kept.txt /tmp/kept.txt; ls /proc | grep -c '^[0-9]' ");
    CHECK(after.result.starts_with("kept\nkept\n"));
    auto sleeping = co_await process.exec("cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c 'slee[p] 1000 '");
    CHECK(sleeping.result == "0\n");
  });
}

TEST_CASE("a list is read to its end, by cursor and by page") {
  auto work = []() -> awaitable<void> {
    auto client = live_client();
    const auto mark = unique_name("listed");
    std::vector<sandbox> made;
    for (int n = 0; n < 5; ++n) {
      create_from_snapshot_params params;
      params.labels["mark"] = mark;
      auto fresh = co_await client.create(params);
      made.push_back(fresh);
    }
    list_sandboxes_query query;
    query.labels["mark"] = mark;
    query.limit = 2;
    auto list = client.list(query);
    std::vector<std::string> seen;
    while (auto item = co_await list.next()) seen.push_back(item->id());
    std::vector<std::string> wanted;
    for (const auto& one : made) wanted.push_back(one.id());
    std::sort(seen.begin(), seen.end());
    std::sort(wanted.begin(), wanted.end());
    CHECK(seen == wanted);

    std::map<std::string, std::string> labels{{"mark", mark}};
    auto page = co_await client.list_page(labels, 2, 2);
    CHECK(page.total == 5);
    CHECK(page.total_pages == 3);
    CHECK(page.items.size() == 2);
    for (const auto& one : made) co_await one.remove();
  };
  run_live(work());
}

TEST_CASE("an ephemeral sandbox is gone when it stops") {
  auto work = []() -> awaitable<void> {
    auto client = live_client();
    create_from_snapshot_params params;
    params.ephemeral = true;
    auto made = co_await client.create(params);
    co_await made.stop();
    CHECK(made.state() == sandbox_state::destroyed);
  };
  run_live(work());
}

TEST_CASE("a wrong key is refused with 401") {
  auto work = []() -> awaitable<void> {
    auto settings = config::from_env();
    settings.api_key = "wrong";
    client stranger{settings};
    co_await check_throws<authentication_error>([&] { return stranger.create(); });
  };
  run_live(work());
}
