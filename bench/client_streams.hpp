#pragma once

#include <boost/asio/io_context.hpp>

#include "client_run.hpp"

namespace daytona::bench {

/// Runs the case `wanted.name` if it is one of streams: `logs_bulk`, `logs_lines`, `logs_many`, `logs_idle`, `pty_many`. False if it is not.
bool run_streams(boost::asio::io_context& io, const run_settings& wanted);

}  // namespace daytona::bench
