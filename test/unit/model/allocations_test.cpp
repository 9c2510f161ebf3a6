#include <doctest/doctest.h>

#include <cstddef>
#include <cstdlib>
#include <new>
#include <string>

#include "model/execution.hpp"
#include "model/sandbox.hpp"

// What a call costs is counted in allocations, which do not depend on the machine.
namespace {
std::size_t allocations = 0;
}

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

using namespace daytona::model;

namespace {

template <class T>
std::size_t allocations_to_decode(const std::string& text) {
  const std::size_t before = allocations;
  const auto decoded = from_json<T>(text);
  const std::size_t after = allocations;
  REQUIRE(decoded.has_value());
  return after - before;
}

// As a server sends one: 20 texts that do not fit into a string object, among them the labels.
sandbox_data usual_sandbox() {
  sandbox_data sandbox;
  sandbox.id = "5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59";
  sandbox.organization_id = "7d1f0c52-1111-4222-8333-944455566677";
  sandbox.name = "worker-7";
  sandbox.user = "daytona";
  sandbox.created_at = sandbox.updated_at = sandbox.last_activity_at = "2026-03-04T05:06:07.008Z";
  sandbox.toolbox_proxy_url = "http://127.0.0.1:4000/toolbox";
  for (int i = 0; i < 7; ++i)
    sandbox.labels["name of a label, number " + std::to_string(i)] = "value of a label, number " + std::to_string(i);
  return sandbox;
}

}  // namespace

TEST_CASE("an execute answer costs the two texts that are given out") {
  const std::string text = R"({"exitCode":0,"result":")" + std::string(250, 'x') + R"("})";

  CHECK(allocations_to_decode<daytona::execute_response>(text) == 2);
}

TEST_CASE("an execute request costs its text alone") {
  execute_request request;
  request.command = "make -j test";
  const std::size_t before = allocations;

  const std::string text = to_json(request);

  CHECK(allocations - before <= 2);
}

TEST_CASE("a page of 50 sandboxes costs what is in them and hardly more") {
  sandbox_page page;
  page.items.assign(50, usual_sandbox());
  const std::string text = to_json(page);
  REQUIRE(text.size() > 40'000);

  const std::size_t texts_and_nodes = 50 * (6 + 3 * 7);
  CHECK(allocations_to_decode<sandbox_page>(text) <= texts_and_nodes + 20);
}
