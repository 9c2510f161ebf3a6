#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace daytona::bench {

/// The calls that are compared: what is asked for, and the fixed body of data/ that answers.
enum class workload { get_small, get_full, exec };
inline constexpr std::array workloads{workload::get_small, workload::get_full, workload::exec};

/// As figures call it: "300 B object".
std::string_view name_of(workload load);
/// The name of the file in data/, without its extension. The server takes it as the id of a sandbox.
std::string_view body_of(workload load);
/// Path, and body of a POST, as every client sends them.
std::string target_of(workload load);
inline constexpr std::string_view command = "ls -l";

/// Something that makes the calls of one workload, over connections that it keeps.
class caller {
 public:
  virtual ~caller() = default;
  /// Makes `calls` calls, `in_flight` at a time, and looks at each result.
  virtual void run(std::size_t calls) = 0;
};

/// Whom to call, and how.
struct setting {
  workload load = workload::get_small;
  std::uint16_t port = 0;
  std::size_t in_flight = 16;
};

/// This project's client: pool, deadline, errors and all.
std::unique_ptr<caller> make_sdk(const setting& wanted);
/// Beast as its experts write it, one fixed connection a coroutine: `http::async_write`, `http::async_read`, `json::parse` into the same struct.
/// No deadline, no pool.
std::unique_ptr<caller> make_beast(const setting& wanted);
/// The same with `tcp_stream` and `expires_after`: a deadline is what a service can't do without.
std::unique_ptr<caller> make_beast_with_deadline(const setting& wanted);
/// One epoll, fixed bytes out, the end of each answer found, nothing read of it.
std::unique_ptr<caller> make_epoll(const setting& wanted);

/// By the name it has on the command line: sdk, beast, beast_deadline, epoll. Throws `std::invalid_argument`.
std::unique_ptr<caller> make_caller(std::string_view name, const setting& wanted);

}  // namespace daytona::bench
