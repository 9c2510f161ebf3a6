#pragma once

#include <functional>
#include <string>

#include "figure.hpp"
#include "server_process.hpp"
#include "workload.hpp"

namespace daytona::bench {

/// Takes the figures of a case as they are measured.
using sink = std::function<void(const figure&)>;

/// What the callers of a case are to do at its server; pins this process to its CPU.
setting setting_at(const server_process& server, workload load);

/// `program` is the path of this program: parts of a case run in another process.
void unary_case(const std::string& program, const sink& tell);
void exec_case(const std::string& program, const sink& tell);
void list_case(const std::string& program, const sink& tell);
void create_delete_case(const std::string& program, const sink& tell);
void startup_case(const std::string& program, const sink& tell);
void tls_case(const std::string& program, const sink& tell);
void peers_case(const std::string& program, const sink& tell);
void pool_case(const std::string& program, const sink& tell);
void stream_case(const std::string& program, const sink& tell);
void idle_case(const std::string& program, const sink& tell);
void local_case(const std::string& program, const sink& tell);
void local_streams_case(const std::string& program, const sink& tell);

}  // namespace daytona::bench
