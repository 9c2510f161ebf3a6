// What clients have the control plane remember.
#include <doctest/doctest.h>

#include <string>

#include "backend.hpp"
#include "local/control/create_request.hpp"
#include "local/control/sandboxes.hpp"
#include "local/http/http_error.hpp"

namespace daytona::local::test {

TEST_CASE("labels and environments take no more memory than those of all sandboxes may have together") {
  backend local;
  const auto with_labels = [](std::size_t size) {
    model::sandbox_data wanted = read_create_request("{}");
    wanted.labels["a"] = std::string(size, 'x');
    return wanted;
  };
  const auto make = [&](std::size_t size) { return run(local.io, sandboxes::create(local.all, with_labels(size))).id; };
  const auto first = make(20'000'000);

  CHECK_THROWS_AS(make(20'000'000), http::http_error);
  const auto second = make(1);
  CHECK_THROWS_AS(local.all->set_labels(second, with_labels(20'000'000).labels), http::http_error);
  CHECK(local.all->get(second).labels.at("a") == "x");
  local.all->set_labels(first, {});
  local.all->set_labels(second, with_labels(20'000'000).labels);
  run(local.io, sandboxes::remove(local.all, second));
  CHECK(local.all->set_labels(first, with_labels(20'000'000).labels).labels.size() == 1);
}

}  // namespace daytona::local::test
