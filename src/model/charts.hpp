#pragma once

#include <vector>

#include "daytona/charts.hpp"
#include "model/json.hpp"

namespace daytona::model {

/// Reads any chart. One that does not fit its kind is kept as an unknown one with its JSON, so that what a program
/// printed is not lost for a picture.
void read(const json_node& node, any_chart& out);
/// Writes `drawn` as a server does: empty texts and arrays are left out, except `elements`.
void write(json_writer& out, const any_chart& drawn);

}  // namespace daytona::model
