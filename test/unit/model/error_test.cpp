#include "daytona/error.hpp"

#include <boost/system/errc.hpp>
#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

using namespace daytona;
using namespace std::chrono_literals;

namespace {

struct situation {
  errc code;
  bool request_sent;
  bool idempotent;
};

error failed(errc code, std::string server_code = {}, std::string server_message = {}) {
  error_details details;
  details.server_code = std::move(server_code);
  details.server_message = std::move(server_message);
  details.request_sent = true;
  return error(code, "it failed", std::move(details));
}

bool retryable(const situation& now) {
  error_details details;
  details.request_sent = now.request_sent;
  details.idempotent = now.idempotent;
  return is_retryable(error(now.code, "", std::move(details)));
}

constexpr int last_code = static_cast<int>(errc::recording_ffmpeg_not_found);

}  // namespace

TEST_CASE("an error is a system_error with its message and details, and copying it does not throw") {
  static_assert(std::is_base_of_v<boost::system::system_error, error>);
  static_assert(std::is_nothrow_copy_constructible_v<error>);
  error_details details;
  details.operation = "execute command";
  details.phase = phase::headers;
  details.http_status = 404;
  details.retry_after = 3s;

  const not_found_error thrown(errc::not_found, "Failed to execute command: gone", details);
  const error& seen = thrown;

  CHECK(std::string_view(seen.what()) == "Failed to execute command: gone");
  CHECK(seen.message() == seen.what());
  CHECK(seen.code() == errc::not_found);
  CHECK(seen.operation() == "execute command");
  CHECK(seen.phase() == phase::headers);
  CHECK(seen.http_status() == 404U);
  CHECK(seen.retry_after() == 3s);
  CHECK(seen.url().empty());
}

TEST_CASE("E1: every code has a text of its own, and unknown numbers have one too") {
  for (int number = 1; number <= last_code; ++number) {
    const auto text = make_error_code(static_cast<errc>(number)).message();
    CHECK_FALSE(text.empty());
    for (int other = 1; other < number; ++other) CHECK(text != make_error_code(static_cast<errc>(other)).message());
  }
  CHECK(error_category().message(0).starts_with("unknown"));
  CHECK(error_category().message(last_code + 1).starts_with("unknown"));
}

TEST_CASE("E1: a domain code is of the group that its HTTP class says") {
  CHECK(make_error_code(errc::file_not_found) == condition::not_found);
  CHECK(make_error_code(errc::not_found) == condition::not_found);
  CHECK(make_error_code(errc::git_auth_failed) == condition::authentication);
  CHECK(make_error_code(errc::git_push_rejected) == condition::conflict);
  CHECK(make_error_code(errc::session_ended) == condition::gone);
  CHECK(make_error_code(errc::process_execution_timeout) == condition::timeout);
  CHECK(make_error_code(errc::timeout) == condition::timeout);
  CHECK(make_error_code(errc::tls_failed) == condition::connection);
  CHECK(make_error_code(errc::file_not_found) != condition::conflict);
  CHECK(make_error_code(errc::unexpected_status) != condition::bad_request);
}

TEST_CASE("E5: a local check and an answer 400 are of one group and of two codes") {
  CHECK(make_error_code(errc::invalid_argument) == condition::bad_request);
  CHECK(make_error_code(errc::bad_request) == condition::bad_request);
  CHECK(make_error_code(errc::invalid_argument) != make_error_code(errc::bad_request));
}

TEST_CASE(
    "R11: a proxy that is away, or has no way to the server, is transient; one that refuses, or is none, is not") {
  const auto proxy = [](std::optional<unsigned> status, boost::system::error_code cause) {
    error_details details;
    details.http_status = status;
    details.cause = cause;
    return error(errc::proxy_failed, "it failed", std::move(details));
  };
  const auto refused = boost::system::errc::make_error_code(boost::system::errc::connection_refused);

  CHECK(is_transient(proxy({}, refused)));
  CHECK_FALSE(is_transient(proxy({}, {})));
  for (const unsigned status : {502U, 503U, 504U}) CHECK(is_retryable(proxy(status, {})));
  for (const unsigned status : {400U, 403U, 404U, 405U, 500U}) CHECK_FALSE(is_transient(proxy(status, {})));
}

TEST_CASE("R11: what may pass by itself is transient, everything else is not") {
  for (int number = 1; number <= last_code; ++number) {
    const auto code = static_cast<errc>(number);
    CAPTURE(make_error_code(code).message());
    const bool expected = code == errc::timeout || code == errc::connection_failed || code == errc::connection_lost ||
                          code == errc::request_timeout || code == errc::rate_limit || code == errc::bad_gateway ||
                          code == errc::service_unavailable || code == errc::git_transport_failed ||
                          code == errc::too_many_waiting;
    CHECK(is_transient(failed(code)) == expected);
    for (int where = 0; where <= static_cast<int>(phase::waiting_state); ++where) {
      error_details details;
      details.phase = static_cast<phase>(where);
      details.request_sent = where >= static_cast<int>(phase::headers);
      CHECK(is_transient(error(code, "", std::move(details))) == expected);  // wherever it happened
    }
  }
}

TEST_CASE("R11: a conflict is transient only if another change is under way") {
  CHECK(is_transient(failed(errc::conflict, "SANDBOX_STATE_CHANGE_IN_PROGRESS")));
  CHECK(is_transient(failed(errc::conflict, "", "Sandbox state change in progress")));
  CHECK(is_transient(failed(errc::conflict, "", "Sandbox was modified by another operation")));
  CHECK_FALSE(is_transient(failed(errc::conflict, "CONFLICT", "Sandbox with name x already exists")));
  CHECK_FALSE(is_transient(failed(errc::bad_request, "SANDBOX_STATE_CHANGE_IN_PROGRESS")));
}

TEST_CASE("R11: the caller's own cancellation is no transient failure") {
  const auto aborted = make_error_code(boost::system::errc::operation_canceled);
  CHECK_FALSE(is_transient(error(aborted, "cancelled")));
}

TEST_CASE("R1: repeating is safe if nothing was sent, the server refused, or twice is as once") {
  CHECK(retryable({errc::connection_failed, false, false}));
  CHECK_FALSE(retryable({errc::connection_lost, true, false}));
  CHECK(retryable({errc::connection_lost, true, true}));
  CHECK(retryable({errc::rate_limit, true, false}));
  CHECK_FALSE(retryable({errc::service_unavailable, true, false}));
  CHECK_FALSE(retryable({errc::not_found, false, true}));
}

TEST_CASE("R10: a rate limit error tells every limit that the headers name") {
  error_details details;
  details.headers = {{"X-RateLimit-Limit-sandbox-create", "600"}, {"x-ratelimit-remaining-sandbox-create", "0"},
                     {"X-RateLimit-Reset-sandbox-create", "60"},  {"X-RateLimit-Limit", "5"},
                     {"X-RateLimit-Reset-authenticated", "soon"}, {"Content-Type", "text/plain"}};

  const auto limits = rate_limit_error(errc::rate_limit, "too many", std::move(details)).limits();

  REQUIRE(limits.size() == 2);
  CHECK(limits[0].name == "sandbox-create");
  CHECK(limits[0].limit == 600);
  CHECK(limits[0].remaining == 0);
  CHECK(limits[0].reset == 60s);
  CHECK(limits[1].name.empty());
  CHECK(limits[1].limit == 5);
  CHECK_FALSE(limits[1].remaining.has_value());
}

TEST_CASE("every phase has a name") {
  for (int number = 0; number <= static_cast<int>(phase::waiting_state); ++number)
    CHECK(to_string(static_cast<phase>(number)) != "unknown phase");
}
