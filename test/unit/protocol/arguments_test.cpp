#include "protocol/arguments.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>

#include "daytona/error.hpp"

using namespace daytona;
using namespace daytona::protocol;
using namespace std::chrono_literals;

namespace {

// The message of the error that `check` throws; empty if it throws none.
std::string complaint(const std::function<void()>& check) {
  try {
    check();
  } catch (const bad_request_error& refused) {
    CHECK(refused.code() == errc::invalid_argument);
    CHECK_FALSE(refused.details().request_sent);
    CHECK_FALSE(refused.http_status().has_value());
    return refused.what();
  }
  return {};
}

std::string complaint_about(const std::function<void(create_from_snapshot_params&)>& prepare) {
  create_from_snapshot_params params;
  prepare(params);
  return complaint([&] { check_create(params, "create sandbox"); });
}

}  // namespace

TEST_CASE("T7: a command's timeout is rounded up to whole seconds and never becomes 0") {
  using ms = std::chrono::milliseconds;
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
  const auto wire = [](std::optional<ms> timeout) { return command_timeout(timeout, "execute command"); };

  CHECK(wire(std::nullopt) == std::nullopt);
  CHECK(wire(0ms) == std::nullopt);
  CHECK(wire(1ms) == 1);
  CHECK(wire(999ms) == 1);
  CHECK(wire(1000ms) == 1);
  CHECK(wire(1001ms) == 2);
  CHECK(wire(10min) == 600);
  CHECK(wire(ms(std::chrono::seconds(most))) == most);
  CHECK(wire(ms(std::chrono::seconds(most + 1))) == most);
  CHECK(wire(ms::max()) == most);
}

TEST_CASE("T7: a negative timeout is refused before anything is sent") {
  const std::string command = complaint([] { command_timeout(-1ms, "execute command"); });
  const std::string operation = complaint([] { operation_timeout(-1ms, "create sandbox"); });

  CHECK(command.starts_with("Failed to execute command: Timeout must be a non-negative number"));
  CHECK(operation.starts_with("Failed to create sandbox: Timeout must be a non-negative number"));
}

TEST_CASE("T7: an operation's timeout of 0 is none") {
  CHECK(operation_timeout(0ms, "create sandbox") == std::nullopt);
  CHECK(operation_timeout(1ms, "create sandbox") == 1ms);
  CHECK(operation_timeout(std::chrono::milliseconds::max(), "create sandbox") == longest_time);
}

TEST_CASE("create parameters that break a rule are refused in the official words") {
  const std::string prefix = "Failed to create sandbox: ";
  using params = create_from_snapshot_params;

  CHECK(complaint_about([](params& p) { p.auto_stop_interval = -1min; }) ==
        prefix + "auto_stop_interval must be a non-negative integer");
  CHECK(complaint_about([](params& p) { p.auto_pause_interval = -1min; }) ==
        prefix + "auto_pause_interval must be a non-negative integer");
  CHECK(complaint_about([](params& p) {
          p.auto_stop_interval = 5min;
          p.auto_pause_interval = 5min;
        }) == prefix +
                  "auto_stop_interval and auto_pause_interval are mutually exclusive. Set at most one of them to a "
                  "non-zero value");
  CHECK(complaint_about([](params& p) {
          p.auto_pause_interval = 5min;
          p.ephemeral = true;
        }) == prefix + "Ephemeral sandboxes cannot have auto-pause enabled. Set auto_pause_interval to 0");
  CHECK(complaint_about([](params& p) { p.auto_archive_interval = -1min; }) ==
        prefix + "auto_archive_interval must be a non-negative integer");
  CHECK(complaint_about([](params& p) { p.ttl_minutes = -1min; }) ==
        prefix + "ttl_minutes must be a non-negative integer");
  CHECK(complaint_about([](params& p) { p.queue_timeout = 0min; }) ==
        prefix + "queue_timeout must be a positive integer");
}

TEST_CASE("what no server takes is refused with its rule: paths, networks, domains, URLs, ranges, enumerators") {
  const auto volume = [](const char* mount_path, const char* subpath) {
    return complaint_about([&](create_from_snapshot_params& params) {
      params.volumes.emplace_back();
      params.volumes.front().volume_id = "data";
      params.volumes.front().mount_path = mount_path;
      params.volumes.front().subpath = subpath;
    });
  };
  for (const char* const path : {"", "data", "/", "//", "/a//b", "/a/", "/a/../b", "/./a", "/..", "/a/."})
    CHECK(volume(path, "").find("mount_path must be an absolute path below /") != std::string::npos);
  for (const char* const path : {"/x", "../x", "a/../b", "a//b", "a/"})
    CHECK(volume("/data", path).find("subpath must be a relative path") != std::string::npos);
  CHECK(volume("/data/..x/y", "a/b").empty());

  const auto text = [](std::string create_from_snapshot_params::* member, const std::string& value) {
    return complaint_about([&](create_from_snapshot_params& params) { params.*member = value; });
  };
  const std::string eleven_networks =
      "10.0.0.0/8,10.1.0.0/16,10.2.0.0/16,10.3.0.0/16,10.4.0.0/16,10.5.0.0/16,"
      "10.6.0.0/16,10.7.0.0/16,10.8.0.0/16,10.9.0.0/16,10.10.0.0/16";
  for (const std::string& list : {std::string("hello"), std::string("10.0.0.1"), std::string("10.0.0.0/33"),
                                  std::string("::/0"), std::string("10.0.0.0/8,"), eleven_networks})
    CHECK(text(&create_from_snapshot_params::network_allow_list, list).find("network_allow_list must be up to 10") !=
          std::string::npos);
  CHECK(text(&create_from_snapshot_params::network_allow_list, "10.0.0.0/8, 192.168.1.1/32").empty());
  for (const char* const list : {"a b", "a,,b", "*", "*.", "a..b", "https://a.b", "x.*.y"})
    CHECK(text(&create_from_snapshot_params::domain_allow_list, list).find("domain_allow_list must be up to 10") !=
          std::string::npos);
  CHECK(text(&create_from_snapshot_params::domain_allow_list, "example.com, *.example.org").empty());
  for (const char* const url : {"not a url", "proxy:3128", "http://", "/path"}) {
    CHECK(text(&create_from_snapshot_params::outbound_proxy_url, url)
              .ends_with("outbound_proxy_url must be an absolute URL"));
    CHECK(text(&create_from_snapshot_params::otel_endpoint_override, url).ends_with("must be an absolute URL"));
  }
  CHECK(text(&create_from_snapshot_params::outbound_proxy_url, "http://user:word@proxy:3128").empty());
  CHECK(text(&create_from_snapshot_params::name, std::string("a\0b", 3))
            .ends_with("name must hold no control characters"));

  const auto too_long = [](auto member) {
    return complaint_about(
        [&](create_from_snapshot_params& params) { params.*member = std::chrono::minutes(std::int64_t{1} << 56); });
  };
  CHECK(too_long(&create_from_snapshot_params::auto_stop_interval)
            .ends_with("auto_stop_interval must be at most 2147483647 minutes"));
  CHECK(too_long(&create_from_snapshot_params::auto_delete_interval).ends_with("must be at most 2147483647 minutes"));
  CHECK(too_long(&create_from_snapshot_params::queue_timeout).ends_with("must be at most 2147483647 minutes"));
  CHECK(complaint_about([](create_from_snapshot_params& params) {
          params.language = static_cast<code_language>(99);
        }).ends_with("language must be a code_language"));
}

TEST_CASE("create parameters at the edge of the rules are accepted") {
  using params = create_from_snapshot_params;

  CHECK(complaint_about([](params&) {}).empty());
  CHECK(complaint_about([](params& p) { p.auto_delete_interval = -1min; }).empty());
  CHECK(complaint_about([](params& p) {
          p.auto_stop_interval = 0min;
          p.auto_pause_interval = 5min;
        }).empty());
  CHECK(complaint_about([](params& p) {
          p.auto_pause_interval = 0min;
          p.ephemeral = true;
        }).empty());
  CHECK(complaint_about([](params& p) { p.queue_timeout = 1min; }).empty());
}

TEST_CASE("what could not arrive as it is given is refused with the argument's name") {
  using params = create_from_snapshot_params;

  CHECK(complaint_about([](params& p) { p.labels["k"] = "\xFF"; }).ends_with("labels must be valid UTF-8"));
  CHECK(complaint_about([](params& p) { p.name = "\xFF"; }).ends_with(": name must be valid UTF-8"));
  CHECK(complaint_about([](params& p) { p.target = "\xFF"; }).ends_with(": target must be valid UTF-8"));
  CHECK(complaint_about([](params& p) { p.secrets["A"] = "\xFF"; }).find("secret must be valid") != std::string::npos);
  CHECK(complaint_about([](params& p) {
          auto& volume = p.volumes.emplace_back();
          volume.volume_id = "v";
          volume.mount_path = "/data";
          volume.subpath = "\xFF";
        }).ends_with("volumes: subpath must be valid UTF-8"));
  CHECK(complaint_about([](params& p) { p.env_vars["1A"] = "x"; }).find("'1A'") != std::string::npos);
  CHECK(complaint_about([](params& p) { p.secrets["A-B"] = "x"; }).find("secrets") != std::string::npos);
  CHECK(complaint_about([](params& p) { p.volumes.emplace_back().volume_id = "v"; }).find("mount_path") !=
        std::string::npos);
}

TEST_CASE("an image needs its name, and resources their minimum") {
  const auto refused = [](const std::function<void(create_from_image_params&)>& prepare) {
    create_from_image_params params;
    params.image = "debian:12";
    prepare(params);
    return complaint([&] { check_create(params, "create sandbox"); });
  };
  using params = create_from_image_params;

  CHECK(refused([](params&) {}).empty());
  CHECK(refused([](params& p) { p.image.clear(); }).find("image must not be empty") != std::string::npos);
  CHECK(refused([](params& p) { p.image = "a\nRUN x"; }).find("single line") != std::string::npos);
  CHECK(refused([](params& p) { p.resources.cpu = 0; }).find("resources.cpu") != std::string::npos);
  CHECK(refused([](params& p) { p.resources.gpu = 0; }).empty());
  CHECK(refused([](params& p) { p.resources.gpu = -1; }).find("resources.gpu") != std::string::npos);
}

TEST_CASE("P4: variables may hold everything but NUL and broken UTF-8, their names may not") {
  CHECK_NOTHROW(check_environment({{"A", "line\n\"quoted\" \\ é"}, {"_b1", ""}}, "execute command"));
  for (const std::string name : {"", "1A", "A-B", "A=B", "A B", "É"}) {
    CAPTURE(name);
    CHECK_FALSE(complaint([&] { check_environment({{name, "x"}}, "execute command"); }).empty());
  }
  CHECK_FALSE(complaint([] { check_environment({{"A", std::string("a\0b", 3)}}, "execute command"); }).empty());
  CHECK_FALSE(complaint([] { check_environment({{"A", "\xC3"}}, "execute command"); }).empty());
}

TEST_CASE("pages and limits count from 1, a page has at most 200 items") {
  CHECK_NOTHROW(check_page(1, 200, "list sandboxes"));
  CHECK(complaint([] { check_page(0, {}, "list sandboxes"); }) ==
        "Failed to list sandboxes: page must be a positive integer");
  CHECK(complaint([] { check_page({}, 0, "list sandboxes"); }) ==
        "Failed to list sandboxes: limit must be a positive integer");
  CHECK(complaint([] { check_page({}, 201, "list sandboxes"); }).find("at most 200") != std::string::npos);
}

TEST_CASE("bounds and texts that can't go into a query are refused") {
  const auto refused = [](auto prepare) {
    list_sandboxes_query query;
    prepare(query);
    return complaint([&] { check_query(query, "list sandboxes"); });
  };
  constexpr auto nan = std::numeric_limits<double>::quiet_NaN();
  constexpr auto never = list_sandboxes_query::time_point::max();

  CHECK(refused([&](auto& query) { query.min_cpu = nan; }).find("must be numbers") != std::string::npos);
  CHECK(refused([&](auto& query) { query.max_disk_gib = 1 / 0.0; }).find("must be numbers") != std::string::npos);
  CHECK(refused([&](auto& query) { query.created_at_before = never; }).find("years 0 to 9999") != std::string::npos);
  CHECK(refused([&](auto& query) { query.labels["\xff"] = "a"; }).find("labels must be valid UTF-8") !=
        std::string::npos);
  CHECK(refused([&](auto& query) { query.snapshots.emplace_back("\xff"); }).find("snapshots") != std::string::npos);
}

TEST_CASE("a query that can find nothing is refused") {
  const auto complaint_about_query = [](const std::function<void(list_sandboxes_query&)>& prepare) {
    list_sandboxes_query query;
    prepare(query);
    return complaint([&] { check_query(query, "list sandboxes"); });
  };
  CHECK(complaint_about_query([](auto& query) { query.min_cpu = 0.5; }).ends_with("must be numbers of at least 1"));
  CHECK(complaint_about_query([](auto& query) {
          query.min_cpu = 3;
          query.max_cpu = 2;
        }).ends_with("min_cpu must not be above max_cpu"));
  CHECK(complaint_about_query([](auto& query) {
          query.states = {sandbox_state::destroyed};
        }).ends_with("such sandboxes are never listed"));
  CHECK(complaint_about_query([](auto& query) {
          query.sort = static_cast<sandbox_sort>(99);
        }).ends_with("sort must be a sandbox_sort"));
  CHECK(complaint_about_query([](auto& query) {
          query.order = static_cast<sort_order>(-1);
        }).ends_with("order must be a sort_order"));
  CHECK(complaint_about_query([](auto& query) { query.min_cpu = query.max_cpu = 1; }).empty());
}

TEST_CASE("a text for a program is UTF-8 without NUL") {
  CHECK_NOTHROW(check_program_text("a\x01\n", "execute command", "cwd"));
  CHECK(complaint([] { check_program_text(std::string_view("a\0b", 3), "execute command", "cwd"); }) ==
        "Failed to execute command: cwd must hold no NUL byte");
  CHECK(complaint([] { check_program_text("\xff", "execute command", "cwd"); }).find("UTF-8") != std::string::npos);
}

TEST_CASE("permission bits are octal digits, with or without zeros before them") {
  const auto told = [](std::string_view mode) { return complaint([&] { check_file_mode(mode, "create folder"); }); };

  for (const auto* mode : {"0", "7", "755", "0755", "1777", "7777", "000755"}) CHECK(told(mode).empty());
  for (const auto* mode : {"", "8", "0o755", "-1", "+7", "7 ", "17777"})
    CHECK(told(mode) == "Failed to create folder: mode must be octal digits, such as 644 or 0755, and at most 7777");
}

TEST_CASE("a path is any bytes but none and NUL") {
  const auto told = [](std::string_view path) {
    return complaint([&] { check_file_text(path, "path", "list files"); });
  };

  CHECK(told("\xff\n%\\").empty());
  CHECK(told("") == "Failed to list files: path must not be empty");
  CHECK(told(std::string_view("a\0b", 3)) == "Failed to list files: path must hold no NUL byte");
}
