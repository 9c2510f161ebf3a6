#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace daytona::bench {

/// The calls that are compared: what is asked for, and the fixed body that answers (`bodies.hpp`).
enum class workload {
  get_small,
  get_full,
  exec,
  list,           ///< A page of 50 sandboxes, each looked at.
  create_delete,  ///< Two requests: a sandbox made and removed again, without waiting.
  reconnect,      ///< `get_small` from a server that closes the connection after its answer.
};
inline constexpr std::array workloads{workload::get_small, workload::get_full,      workload::exec,
                                      workload::list,      workload::create_delete, workload::reconnect};

/// As figures call it: "300 B object".
std::string_view name_of(workload load);
/// By which a program is told it; for a sandbox also the id that is asked for.
std::string_view body_of(workload load);
/// Path of the request, or of the first of them.
std::string_view target_of(workload load);
inline constexpr std::string_view command = "ls -l";
inline constexpr std::size_t sandboxes_listed = 50;

/// Something that makes the calls of one workload, over connections that it keeps.
class caller {
 public:
  virtual ~caller() = default;
  /// Makes `calls` calls, `in_flight` at a time, and looks at each result.
  virtual void run(std::size_t calls) = 0;
  /// User and system time of the process that makes the calls, since it began; by default this one.
  virtual double cpu_seconds_so_far() const;
};

/// Whom to call, and how.
struct setting {
  workload load = workload::get_small;
  std::uint16_t port = 0;
  std::size_t in_flight = 16;
  std::uint16_t tls_port = 0;
  std::string ca_pem;  ///< Who vouches for the server at `tls_port`.
};

/// This project's client: pool, deadline, errors and all.
std::unique_ptr<caller> make_sdk(const setting& wanted);
/// The same over TLS.
std::unique_ptr<caller> make_sdk_over_tls(const setting& wanted);
/// Beast as its experts write it, one fixed connection a coroutine: `http::async_write`, `http::async_read`, `json::parse` into the same struct.
/// No deadline, no pool.
std::unique_ptr<caller> make_beast(const setting& wanted);
/// The same with `tcp_stream` and `expires_after`: a deadline is what a service can't do without.
std::unique_ptr<caller> make_beast_with_deadline(const setting& wanted);
/// One epoll, fixed bytes out, the end of each answer found, nothing read of it. For workloads of one small answer.
std::unique_ptr<caller> make_epoll(const setting& wanted);
/// libcurl's multi interface over one epoll, an easy handle for each call in flight. For `get_small` and `get_full`, as the peers are.
std::unique_ptr<caller> make_curl(const setting& wanted);
/// An HTTP client of another language, in a process of its own: undici, fetch, axios, aiohttp.
std::unique_ptr<caller> make_peer(std::string_view name, const setting& wanted);

/// By the name it has on the command line: sdk, sdk_tls, beast, beast_deadline, epoll, curl, or that of a peer. Throws `std::invalid_argument`.
std::unique_ptr<caller> make_caller(std::string_view name, const setting& wanted);

}  // namespace daytona::bench
