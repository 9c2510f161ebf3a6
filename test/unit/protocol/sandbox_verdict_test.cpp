#include "protocol/sandbox_verdict.hpp"

#include <doctest/doctest.h>

#include <utility>

#include "protocol/error_mapping.hpp"

using namespace daytona;
using namespace daytona::protocol;

namespace {

error answered(errc code, unsigned status, std::string source = {}, std::string message = {}) {
  error_details details;
  details.answered = true;
  details.http_status = status;
  details.source = std::move(source);
  details.server_message = std::move(message);
  return error(code, "Failed to execute command: it failed", std::move(details));
}

}  // namespace

TEST_CASE("E4: what a proxy says of a sandbox that it can't reach is worth a question, what the toolbox says is not") {
  CHECK(may_be_unreachable(answered(errc::not_found, 404)));
  CHECK(may_be_unreachable(answered(errc::not_found, 404, "DAYTONA_PROXY")));
  CHECK(may_be_unreachable(answered(errc::bad_gateway, 502)));
  CHECK(may_be_unreachable(answered(errc::service_unavailable, 503)));
  CHECK(may_be_unreachable(answered(errc::request_timeout, 504)));
  CHECK(may_be_unreachable(answered(errc::bad_request, 400, "", "bad request: no IP address found for sandbox")));
  CHECK(may_be_unreachable(answered(errc::bad_request, 400, "DAYTONA_PROXY", "sandbox x is not started")));

  CHECK_FALSE(may_be_unreachable(answered(errc::not_found, 404, "DAYTONA_DAEMON")));
  CHECK_FALSE(may_be_unreachable(answered(errc::file_not_found, 404)));
  CHECK_FALSE(may_be_unreachable(answered(errc::request_timeout, 408)));
  CHECK_FALSE(may_be_unreachable(answered(errc::process_execution_timeout, 408)));
  CHECK_FALSE(may_be_unreachable(answered(errc::bad_request, 400, "", "command is required")));
  CHECK_FALSE(may_be_unreachable(answered(errc::internal_server_error, 500)));
  CHECK_FALSE(may_be_unreachable(error(errc::connection_lost, "lost")));
}

TEST_CASE("E4: every state of a sandbox has its verdict, and one that nobody knows has none") {
  const auto expected = [](sandbox_state state) -> std::optional<errc> {
    switch (state) {
      case sandbox_state::destroyed:
      case sandbox_state::destroying:
        return errc::sandbox_gone;
      case sandbox_state::error:
      case sandbox_state::build_failed:
        return errc::sandbox_failed;
      case sandbox_state::started:
      case sandbox_state::resizing:
      case sandbox_state::snapshotting:
      case sandbox_state::forking:
      case sandbox_state::unknown:
      case sandbox_state::unrecognized:
        return std::nullopt;
      default:
        break;
    }
    const auto name = to_string(state);
    const bool down = name.starts_with("stop") || name.starts_with("archiv") || name.starts_with("paus");
    return down ? errc::sandbox_stopped : errc::service_unavailable;
  };

  for (int number = 0; number <= static_cast<int>(sandbox_state::unrecognized); ++number) {
    const auto state = static_cast<sandbox_state>(number);
    CAPTURE(to_string(state));
    CHECK(verdict_of(state) == expected(state));
  }
}

TEST_CASE("E4: a verdict keeps what the answer told, and says which state and what to do") {
  const auto failure = answered(errc::bad_gateway, 502, "DAYTONA_PROXY", "upstream");

  CHECK_THROWS_WITH_AS(throw_verdict(errc::sandbox_stopped, failure, "box", "archived"),
                       "Failed to execute command: it failed (sandbox box is archived; start it first)",
                       conflict_error);
  try {
    throw_verdict(errc::sandbox_gone, failure, "box", "destroyed");
  } catch (const not_found_error& e) {
    CHECK(e.code() == errc::sandbox_gone);
    CHECK(e.http_status() == 502U);
    CHECK(e.source() == "DAYTONA_PROXY");
    CHECK(e.sandbox_id() == "box");
    CHECK_FALSE(is_transient(e));
  }
}
