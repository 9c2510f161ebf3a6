#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "local/toolbox/child_watcher.hpp"
#include "local/toolbox/session/session_command.hpp"

namespace daytona::local::toolbox {

inline constexpr const char* entrypoint_session_id = "entrypoint";
inline constexpr const char* entrypoint_command_id = "entrypoint_command";

/// The arguments of a program as the text of a command: each quoted, with blanks between.
std::string entrypoint_text(const std::vector<std::string>& arguments);

/// Starts a sandbox's entrypoint, in the place of a shell, with an input that stays empty and open; its log will lie in `folder`. One that can't be
/// started is over, and its log says why. Throws `std::system_error` if not even that can be logged.
std::shared_ptr<session_command> start_entrypoint(const boost::asio::any_io_executor& executor, child_watcher& children,
                                                  const std::vector<std::string>& arguments,
                                                  const std::filesystem::path& folder,
                                                  std::shared_ptr<log_budget> budget);

}  // namespace daytona::local::toolbox
