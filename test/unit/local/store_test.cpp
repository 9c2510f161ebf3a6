#include "local/control/store.hpp"

#include <daytona/error.hpp>

#include <doctest/doctest.h>

#include <fstream>
#include <string>

#include "kit/temporary_directory.hpp"

using namespace daytona::local;
using daytona::test::temporary_directory;

namespace {

daytona::model::sandbox_data sandbox_named(std::string name) {
  daytona::model::sandbox_data sandbox;
  sandbox.id = "id-" + name;
  sandbox.name = std::move(name);
  sandbox.state = "started";
  sandbox.env = {{"A", "ä \"q\""}};
  sandbox.auto_delete_interval = std::chrono::minutes{-1};
  return sandbox;
}

}  // namespace

TEST_CASE("what was put is there for the next who opens the file, though nobody closed it") {
  const temporary_directory directory;
  store first{directory.path / "state.db"};

  first.put(sandbox_named("a"));
  first.put(sandbox_named("b"));
  auto changed = sandbox_named("b");
  changed.state = "stopped";
  first.put(changed);
  first.erase("id-a");
  store second{directory.path / "state.db"};
  const auto found = second.sandboxes();

  REQUIRE(found.size() == 1);
  CHECK(found[0].id == "id-b");
  CHECK(found[0].state == "stopped");
  CHECK(found[0].env.at("A") == "ä \"q\"");
  CHECK(found[0].auto_delete_interval == std::chrono::minutes{-1});
}

TEST_CASE("a setting is made once") {
  const temporary_directory directory;
  {
    store made{directory.path / "state.db"};
    CHECK(made.setting("organization-id", "one") == "one");
  }

  store again{directory.path / "state.db"};

  CHECK(again.setting("organization-id", "two") == "one");
}

TEST_CASE("a file that is no state file is refused by name") {
  const temporary_directory directory;
  const auto file = directory.path / "state.db";
  std::ofstream{file} << "this is not a database, and long enough to be looked at";

  try {
    store opened{file};
    FAIL("opened");
  } catch (const daytona::error& error) {
    CHECK(std::string{error.what()}.find(file.string()) != std::string::npos);
  }
}
