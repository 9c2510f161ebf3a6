#pragma once

#include <boost/system/error_code.hpp>

#include <chrono>
#include <string>
#include <string_view>

#include "daytona/error.hpp"
#include "model/headers.hpp"

namespace daytona::protocol {

/// Throws the subclass of `daytona::error` that `code` belongs to.
[[noreturn]] void throw_error(boost::system::error_code code, const std::string& message,
                              error_details details = error_details());

/// What messages of an operation begin with: "Failed to execute command: " for "execute command"; nothing for none.
std::string message_prefix(std::string_view operation);

/// Untrusted text as something to print: valid UTF-8 without control characters, and no more of it than a message holds.
std::string presentable(std::string_view text);

/// Who answered. The toolbox's own codes count from it even without their `source`, which its older generation does not
/// send.
enum class service { api, toolbox };

/// An answer that is not a success. The texts need to live only as long as the call that takes it.
struct failed_answer {
  unsigned status = 0;
  std::string_view reason;                         ///< Of the status line; may be empty.
  std::string_view body;                           ///< Empty, HTML, cut off or whatever came.
  std::chrono::system_clock::time_point received;  ///< What a `Retry-After` with a date counts from.
};

/// Throws what `answer` means. `known` holds what the caller knows already (operation, url, headers, sandbox, …);
/// status, codes, message, request id, retry-after and phase are filled in here.
[[noreturn]] void throw_answer(service from, const failed_answer& answer, error_details known);

/// The code that `answer` stands for: by the domain code in its body, else by its HTTP status. The body's own
/// `statusCode` counts for nothing.
errc code_of(service from, unsigned status, std::string_view source, std::string_view server_code,
             std::string_view server_message) noexcept;

}  // namespace daytona::protocol
