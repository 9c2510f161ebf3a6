#pragma once

#include <string_view>

#include "model/sandbox.hpp"

namespace daytona::local {

/// Reads and checks the body of `POST /sandbox`: what the new sandbox is to be, with every default filled in but `id`,
/// times and states; an empty `name` is to become the id.
///
/// Throws `http_error`: 400 with all violated constraints, 400 for what this backend can't enforce, 404 for an unknown
/// region.
model::sandbox_data read_create_request(std::string_view body);

/// Reads `{"labels": {…}}`.
std::map<std::string, std::string> read_labels_request(std::string_view body);

inline constexpr int longest_auto_archive_interval = 43'200;  // minutes

}  // namespace daytona::local
