#pragma once

#include <string>
#include <string_view>

namespace daytona::local::toolbox {

/// `filename="…"; filename*=utf-8''…`: the name for those who read the first form alone, where what Latin-1 lacks is `_`, and all of its bytes.
std::string filename_parameters(std::string_view name);

/// The media type of a file by the end of its name, `application/octet-stream` if that says nothing.
std::string_view media_type(std::string_view path);

}  // namespace daytona::local::toolbox
