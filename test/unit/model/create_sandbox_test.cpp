#include "model/create_sandbox.hpp"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "../../support/recorded.hpp"

using namespace daytona;
using namespace std::chrono_literals;

namespace {

using snapshot_case = std::pair<std::string, std::function<void(create_from_snapshot_params&)>>;
using image_case = std::pair<std::string, std::function<void(create_from_image_params&)>>;

void set_everything(create_sandbox_params& params) {
  params.name = "box";
  params.language = code_language::typescript;
  params.os_user = "dev";
  params.env_vars = {{"A", "1"}, {"Ü", "ä b"}, {"E", ""}};
  params.labels = {{"team", "infra"}};
  params.is_public = true;
  params.auto_stop_interval = 30min;
  params.auto_archive_interval = 60min;
  params.auto_delete_interval = 120min;
  params.ttl_minutes = 240min;
  params.queue_timeout = 7min;
  volume_mount data;
  data.volume_id = "vol-1";
  data.mount_path = "/data";
  volume_mount more;
  more.volume_id = "vol-2";
  more.mount_path = "/more";
  more.subpath = "a/b";
  params.volumes = {data, more};
  params.secrets = {{"STRIPE", "stripe-key"}, {"GH", "gh-token"}};
  params.network_block_all = false;
  params.network_allow_list = "10.0.0.0/8,192.168.0.0/16";
  params.domain_allow_list = "*.example.org,example.com";
  params.outbound_proxy_url = "http://proxy.example:3128";
  params.otel_endpoint_override = "http://otel.example:4318";
  params.spot = true;
  params.kvm = true;
  params.linked_sandbox = "other";
  params.target = "eu";
}

const std::vector<snapshot_case>& snapshot_cases() {
  using params = create_from_snapshot_params;
  static const std::vector<snapshot_case> cases = {
      {"create.no parameters", [](params&) {}},
      {"create.snapshot, everything",
       [](params& p) {
         set_everything(p);
         p.snapshot = "py-data";
       }},
      {"create.snapshot, name=\"x\"", [](params& p) { p.name = "x"; }},
      {"create.snapshot, language=\"javascript\"", [](params& p) { p.language = code_language::javascript; }},
      {"create.snapshot, language=\"python\"", [](params& p) { p.language = code_language::python; }},
      {"create.snapshot, language=CodeLanguage.TYPESCRIPT", [](params& p) { p.language = code_language::typescript; }},
      {"create.snapshot, os_user=\"root\"", [](params& p) { p.os_user = "root"; }},
      {"create.snapshot, env_vars={\"K\": \"quote\\\" and \\\\ and \\n and é\"}",
       [](params& p) { p.env_vars = {{"K", "quote\" and \\ and \n and é"}}; }},
      {"create.snapshot, labels={\"ключ\": \"значение\", \"emoji\": \"🚀\", \"quote\\\"\": \"a\\\\b\"}",
       [](params& p) { p.labels = {{"ключ", "значение"}, {"emoji", "🚀"}, {"quote\"", "a\\b"}}; }},
      {"create.snapshot, labels={\"code-toolbox-language\": \"typescript\"}",
       [](params& p) { p.labels = {{"code-toolbox-language", "typescript"}}; }},
      {"create.snapshot, public=True", [](params& p) { p.is_public = true; }},
      {"create.snapshot, public=False", [](params& p) { p.is_public = false; }},
      {"create.snapshot, auto_stop_interval=0", [](params& p) { p.auto_stop_interval = 0min; }},
      {"create.snapshot, auto_stop_interval=1", [](params& p) { p.auto_stop_interval = 1min; }},
      {"create.snapshot, auto_pause_interval=5", [](params& p) { p.auto_pause_interval = 5min; }},
      {"create.snapshot, auto_pause_interval=0", [](params& p) { p.auto_pause_interval = 0min; }},
      {"create.snapshot, auto_pause_interval=5, auto_stop_interval=0",
       [](params& p) {
         p.auto_pause_interval = 5min;
         p.auto_stop_interval = 0min;
       }},
      {"create.snapshot, auto_archive_interval=0", [](params& p) { p.auto_archive_interval = 0min; }},
      {"create.snapshot, auto_delete_interval=0", [](params& p) { p.auto_delete_interval = 0min; }},
      {"create.snapshot, auto_delete_interval=-1", [](params& p) { p.auto_delete_interval = -1min; }},
      {"create.snapshot, auto_delete_interval=5", [](params& p) { p.auto_delete_interval = 5min; }},
      {"create.snapshot, ephemeral=True", [](params& p) { p.ephemeral = true; }},
      {"create.snapshot, ephemeral=False", [](params& p) { p.ephemeral = false; }},
      {"create.snapshot, ephemeral=True, auto_delete_interval=5",
       [](params& p) {
         p.ephemeral = true;
         p.auto_delete_interval = 5min;
       }},
      {"create.snapshot, ttl_minutes=0", [](params& p) { p.ttl_minutes = 0min; }},
      {"create.snapshot, ttl_minutes=10", [](params& p) { p.ttl_minutes = 10min; }},
      {"create.snapshot, queue_timeout=1", [](params& p) { p.queue_timeout = 1min; }},
      {"create.snapshot, secrets={\"ENV\": \"name\"}", [](params& p) { p.secrets = {{"ENV", "name"}}; }},
      {"create.snapshot, network_block_all=True", [](params& p) { p.network_block_all = true; }},
      {"create.snapshot, network_block_all=False", [](params& p) { p.network_block_all = false; }},
      {"create.snapshot, network_allow_list=\"10.0.0.0/8\"", [](params& p) { p.network_allow_list = "10.0.0.0/8"; }},
      {"create.snapshot, domain_allow_list=\"*.example.org\"",
       [](params& p) { p.domain_allow_list = "*.example.org"; }},
      {"create.snapshot, otel_endpoint_override=\"http://o:1\"",
       [](params& p) { p.otel_endpoint_override = "http://o:1"; }},
      {"create.snapshot, spot=True", [](params& p) { p.spot = true; }},
      {"create.snapshot, spot=False", [](params& p) { p.spot = false; }},
      {"create.snapshot, kvm=True", [](params& p) { p.kvm = true; }},
      {"create.snapshot, kvm=False", [](params& p) { p.kvm = false; }},
      {"create.snapshot, linked_sandbox=\"other\"", [](params& p) { p.linked_sandbox = "other"; }},
      {"create.snapshot, target=\"eu\"", [](params& p) { p.target = "eu"; }},
      {"create.snapshot, target=\"\"", [](params& p) { p.target = ""; }},
      {"create.snapshot, snapshot=\"org/name:1.2\"", [](params& p) { p.snapshot = "org/name:1.2"; }},
      {"create.snapshot, snapshot=\"\"", [](params& p) { p.snapshot = ""; }},
  };
  return cases;
}

const std::vector<image_case>& image_cases() {
  using params = create_from_image_params;
  static const std::vector<image_case> cases = {
      {"create.image, everything",
       [](params& p) {
         set_everything(p);
         p.resources.cpu = 2;
         p.resources.memory = 4;
         p.resources.disk = 8;
         p.resources.gpu = 1;
         p.resources.gpu_type = {"H100"};
       }},
      {"create.image, image=\"alpine:3.20\"", [](params&) {}},
      {"create.image, image=\"alpine:3.20\", resources=Resources(cpu=1)", [](params& p) { p.resources.cpu = 1; }},
      {"create.image, image=\"alpine:3.20\", resources=Resources(memory=2, disk=5)",
       [](params& p) {
         p.resources.memory = 2;
         p.resources.disk = 5;
       }},
      {"create.image, image=\"alpine:3.20\", resources=Resources(gpu=1, gpu_type=[GpuType.H100, GpuType.H200])",
       [](params& p) {
         p.resources.gpu = 1;
         p.resources.gpu_type = {"H100", "H200"};
       }},
  };
  return cases;
}

// Objects compare without order, arrays with it: secrets come from a map here, so theirs is put right.
boost::json::value comparable(const std::string& body) {
  auto value = boost::json::parse(body);
  if (auto* secrets = value.as_object().if_contains("secrets")) {
    boost::json::object merged;
    for (const auto& pair : secrets->as_array())
      for (const auto& member : pair.as_object()) merged[member.key()] = member.value();
    *secrets = std::move(merged);
  }
  return value;
}

boost::json::value recorded_body(const std::string& name) {
  static const auto rows = recorded::rows("control/create.jsonl");
  for (const auto& row : rows)
    if (recorded::name_of(row) == name && recorded::text_of(row.at("sdk")) == "python 0.226.1 sync")
      return comparable(recorded::body_of(row.at("exchanges").as_array().at(0).at("request")).value());
  FAIL("no such row: ", name);
  return nullptr;
}

}  // namespace

TEST_CASE("a create from a snapshot sends what the official client sends") {
  for (const auto& [name, prepare] : snapshot_cases()) {
    CAPTURE(name);
    create_from_snapshot_params params;
    prepare(params);
    CHECK(comparable(model::create_body(params, "us")) == recorded_body(name));
  }
}

TEST_CASE("a create from an image sends what the official client sends") {
  for (const auto& [name, prepare] : image_cases()) {
    CAPTURE(name);
    create_from_image_params params;
    params.image = "alpine:3.20";
    prepare(params);
    CHECK(comparable(model::create_body(params, "us")) == recorded_body(name));
  }
}

TEST_CASE("without a region none is sent") {
  CHECK(boost::json::parse(model::create_body(create_from_snapshot_params(), "")) ==
        recorded_body("create.client without target"));
}
