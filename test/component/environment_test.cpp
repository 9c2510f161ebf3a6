#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "kit/client_fixture.hpp"
#include "kit/environment_variable.hpp"
#include "kit/temporary_directory.hpp"

using namespace daytona;
using namespace daytona::test;

namespace {

/// Lets a program run in an empty folder while it lives.
class working_folder {
 public:
  working_folder() { std::filesystem::current_path(folder_.path); }
  ~working_folder() { std::filesystem::current_path(before_); }
  working_folder(const working_folder&) = delete;
  working_folder& operator=(const working_folder&) = delete;
  const std::filesystem::path& path() const { return folder_.path; }

 private:
  std::filesystem::path before_ = std::filesystem::current_path();
  temporary_directory folder_;
};

std::vector<std::string> whole_environment() {
  std::vector<std::string> all;
  for (char** each = ::environ; *each != nullptr; ++each) all.emplace_back(*each);
  return all;
}

}  // namespace

TEST_CASE("C1: the library reads no .env file and writes no environment") {
  const working_folder here;
  std::ofstream(here.path() / ".env") << "DAYTONA_API_KEY=of-the-file\nDAYTONA_TARGET=of-the-file\n";
  const auto before = whole_environment();
  client_fixture fixture;
  fixture.script().reply("GET", 200, sandbox_json("started"));

  const auto found = config::from_env();
  fixture.run(fixture.client().get("x"));

  CHECK(found.api_key != "of-the-file");
  CHECK(found.target != "of-the-file");
  CHECK(whole_environment() == before);
}

TEST_CASE("C1: the environment is read by from_env alone") {
  const environment_variable url{"DAYTONA_API_URL", "http://environment.test/api"};
  const environment_variable key{"DAYTONA_API_KEY", "of-the-environment"};
  const environment_variable proxy{"HTTPS_PROXY", "http://environment.test:1"};
  auto settings = client_fixture::default_config();
  settings.api_url.clear();
  client_fixture fixture{settings};
  fixture.script().reply("GET", 200, sandbox_json("started"));

  fixture.run(fixture.client().get("x"));

  const auto& request = fixture.script().requests.at(0);
  CHECK(request.find("Host: app.daytona.io\r\n") != std::string::npos);
  CHECK(request.find("Authorization: Bearer key\r\n") != std::string::npos);
  CHECK_THROWS_AS(daytona::client{config()}, authentication_error);
  CHECK(config().proxy.https_url.empty());
  CHECK(config::from_env().api_url == "http://environment.test/api");
  CHECK(config::from_env().proxy.https_url == "http://environment.test:1");
}
