#include "protocol/sandbox_verdict.hpp"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "protocol/error_mapping.hpp"

namespace daytona::protocol {
namespace {

// Proxies refuse with 400 while a sandbox has no address yet, or none any more.
bool tells_of_no_address(std::string_view message) {
  return message.find("no IP address") != std::string_view::npos ||
         message.find("is not started") != std::string_view::npos;
}

std::string_view remedy(errc verdict) {
  switch (verdict) {
    case errc::sandbox_gone:
      return "; create a new one";
    case errc::sandbox_stopped:
      return "; start it first";
    case errc::sandbox_failed:
      return "; its error_reason says why";
    default:
      return "; wait until it is started";
  }
}

}  // namespace

bool may_be_unreachable(const error& failure) noexcept {
  if (!failure.details().answered || failure.source() == "DAYTONA_DAEMON") return false;
  if (failure.code() == errc::bad_request) return tells_of_no_address(failure.server_message());
  return failure.code() == errc::not_found || failure.code() == errc::bad_gateway ||
         failure.code() == errc::service_unavailable || failure.http_status() == 504U;
}

std::optional<errc> verdict_of(sandbox_state state) noexcept {
  switch (state) {
    case sandbox_state::destroyed:
    case sandbox_state::destroying:
      return errc::sandbox_gone;
    case sandbox_state::stopped:
    case sandbox_state::stopping:
    case sandbox_state::archived:
    case sandbox_state::archiving:
    case sandbox_state::paused:
    case sandbox_state::pausing:
      return errc::sandbox_stopped;
    case sandbox_state::error:
    case sandbox_state::build_failed:
      return errc::sandbox_failed;
    case sandbox_state::creating:
    case sandbox_state::restoring:
    case sandbox_state::starting:
    case sandbox_state::pending_build:
    case sandbox_state::building_snapshot:
    case sandbox_state::pulling_snapshot:
    case sandbox_state::resuming:
      return errc::service_unavailable;  // transient: it is on its way up
    case sandbox_state::started:
    case sandbox_state::unknown:
    case sandbox_state::resizing:
    case sandbox_state::snapshotting:
    case sandbox_state::forking:
    case sandbox_state::unrecognized:
      break;
  }
  return std::nullopt;
}

void throw_verdict(errc verdict, const error& failure, const std::string& sandbox_id, std::string_view state) {
  auto details = failure.details();
  details.sandbox_id = sandbox_id;
  const auto text = fmt::format("{} (sandbox {} is {}{})", failure.message(), sandbox_id, state, remedy(verdict));
  throw_error(verdict, text, std::move(details));
}

}  // namespace daytona::protocol
