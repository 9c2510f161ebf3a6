#include "local/control/sandbox_environment.hpp"

namespace daytona::local {

std::map<std::string, std::string> environment_of(const model::sandbox_data& sandbox) {
  auto environment = sandbox.env;
  environment["DAYTONA_SANDBOX_ID"] = sandbox.id;
  environment["DAYTONA_SANDBOX_SNAPSHOT"] = sandbox.snapshot.value_or("");
  environment["DAYTONA_SANDBOX_USER"] = sandbox.user;
  environment["DAYTONA_ORGANIZATION_ID"] = sandbox.organization_id;
  environment["DAYTONA_REGION_ID"] = sandbox.target;
  return environment;
}

}  // namespace daytona::local
