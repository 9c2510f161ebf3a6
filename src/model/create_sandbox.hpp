#pragma once

#include <string>
#include <string_view>

#include "daytona/sandbox_params.hpp"

namespace daytona::model {

/// Body of `POST /sandbox`. `default_target` is the client's region, used if `params` name none.
std::string create_body(const create_from_snapshot_params& params, std::string_view default_target);
std::string create_body(const create_from_image_params& params, std::string_view default_target);

}  // namespace daytona::model
