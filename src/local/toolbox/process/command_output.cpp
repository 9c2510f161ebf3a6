#include "local/toolbox/process/command_output.hpp"

#include <algorithm>
#include <utility>

#include "local/http/http_error.hpp"

namespace daytona::local::toolbox {

command_output::command_output(http::budget_ptr budget) : share_{std::move(budget)} {
  if (share_.take(assured_output)) return;
  throw http::http_error(503,
                         "the outputs of the commands under way take all of the " +
                             std::to_string(share_.budget().most()) +
                             " bytes that there are for them: try again when some are done",
                         "OUTPUT_MEMORY_IN_USE");
}

void command_output::append(std::string_view bytes) {
  if (!cut_.empty()) return;
  const std::size_t room = room_for(bytes.size());
  text_.append(bytes.substr(0, room));
  if (bytes.size() <= room) return;
  cut_ = "the output was cut after " + std::to_string(text_.size()) + " bytes";
  if (text_.size() < output_limit)
    cut_ += ": those of all commands under way take the " + std::to_string(share_.budget().most()) +
            " bytes that there are for them";
}

std::size_t command_output::room_for(std::size_t more) {
  const std::size_t wanted = std::min(text_.size() + more, output_limit);
  if (wanted > taken_) {
    const std::size_t missing = std::min(wanted - taken_, share_.budget().left());
    if (share_.take(missing)) taken_ += missing;
  }
  return std::min(wanted, taken_) - text_.size();
}

void command_output::end() {
  if (!cut_.empty()) add_note(cut_);
}

}  // namespace daytona::local::toolbox
