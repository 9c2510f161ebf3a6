#pragma once

#include <string_view>

namespace daytona::local::toolbox {

/// The text of chart_wrapper.py.
extern const std::string_view chart_wrapper;

}  // namespace daytona::local::toolbox
