#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daytona/detail/export.hpp"

namespace daytona::local::inline v0 {

/// A disturbance of the backend's answers, for tests of programs that have to live with what a service far away does:
/// `server::inject`. What is set happens together, in the order of the members.
struct DAYTONA_API fault {
  fault();

  std::string method;        ///< Of the requests that it befalls. Empty = any.
  std::string path = "/**";  ///< Of the requests that it befalls: `*` is any one segment, `**` at the end any rest.
                             ///< `/api/sandbox` is create and list, `/toolbox/*/process/execute` every command.
  std::size_t skip = 0;      ///< So many of these pass untouched first.
  std::size_t count = 1;     ///< It befalls so many, and then no more; 0 = until it is removed.

  std::chrono::milliseconds delay{0};  ///< Before anything is done for the request; at most 24 hours.
  /// The sandbox that the request names dies so long after that, as if its machine had: at 0 before the request is
  /// carried out, later perhaps in the midst of it; at most 24 hours.
  std::optional<std::chrono::milliseconds> end_sandbox_after;
  /// Answers with this status, 200 to 599, and does not carry out the request.
  std::optional<unsigned> status;
  bool carry_out = false;  ///< With `status`: the request is carried out, and the client is told this instead.
  std::vector<std::pair<std::string, std::string>>
      headers;                      ///< Of the answer with `status`, for example `Retry-After`.
  std::optional<std::string> body;  ///< Of that answer. Absent = the API's own error object.

  std::uint64_t bytes_per_second = 0;  ///< How fast the answer leaves. 0 = as fast as it can.
  std::optional<std::uint64_t>
      cut_after;  ///< The connection ends behind so many bytes of the answer, its head included.
};

/// A fault that was injected, and what became of it.
struct DAYTONA_API injected_fault {
  injected_fault();
  std::string id;
  fault what;
  std::size_t passed = 0;    ///< Requests that it let pass, of those it was made for (`skip`).
  std::size_t befallen = 0;  ///< Requests that it befell.
};

}  // namespace daytona::local::inline v0
