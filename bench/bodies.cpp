#include "bodies.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

#include "model/sandbox.hpp"
#include "workload.hpp"

namespace daytona::bench {

namespace {

constexpr int labels = 16;

model::sandbox_data listed_sandbox(std::size_t number) {
  model::sandbox_data one;
  one.id = fmt::format("5b0c6a8e-3a2f-4d53-9f0e-{:012}", number);
  one.organization_id = "7d1f0c52-1111-4222-8333-944455566677";
  one.name = fmt::format("build-worker-{}", number);
  one.snapshot = "default";
  one.user = "daytona";
  one.target = "us";
  one.state = "started";
  one.desired_state = "started";
  one.cpu = 2;
  one.memory = 4;
  one.disk = 10;
  one.created_at = one.updated_at = one.last_activity_at = "2026-03-04T05:06:07.008Z";
  one.toolbox_proxy_url = "http://127.0.0.1:4000/toolbox";
  for (int i = 0; i < labels; ++i)
    one.labels.emplace(fmt::format("label-key-{:02}", i), fmt::format("value-{:02}-of-sandbox-{:03}", i, number));
  return one;
}

}  // namespace

std::string body_from_data(std::string_view name, std::uint16_t port) {
  const auto path = std::string(DAYTONA_BENCH_DATA).append("/").append(name).append(".json");
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::system_error(errno, std::generic_category(), path);
  std::string body{std::istreambuf_iterator<char>(file), {}};
  if (body.ends_with('\n')) body.pop_back();  // the file's, not the body's
  const auto digits = body.find(":00000/");
  if (digits != std::string::npos) body.replace(digits + 1, 5, std::to_string(port));
  return body;
}

std::string page_of_sandboxes() {
  model::sandbox_page page;
  for (std::size_t i = 0; i < sandboxes_listed; ++i) page.items.push_back(listed_sandbox(i));
  return model::to_json(page);
}

}  // namespace daytona::bench
