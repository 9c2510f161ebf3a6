#include "kit/for_each_failure.hpp"

#include <boost/asio/error.hpp>
#include <fmt/format.h>

namespace daytona::test {

namespace {

std::string_view name_of(asio::cancellation_type type) {
  if (type == asio::cancellation_type::terminal) return "terminal";
  return type == asio::cancellation_type::partial ? "partial" : "total";
}

void check_failure(const disturbance& what, const disturbed_run& run) {
  if (run.aborted_by_asio && what.has_body && what.action == step_action::overtake) return;
  REQUIRE_MESSAGE(run.error.has_value(), "it ended with something else than a daytona::error");
  const auto& error = *run.error;
  INFO(error.what());
  CHECK_FALSE(error.operation().empty());
  CHECK(error.message().starts_with("Fail"));
  if (what.action == step_action::fail) {
    const bool documented = error.code() == errc::connection_failed || error.code() == errc::connection_lost;
    CHECK_MESSAGE(documented, "neither connection_failed nor connection_lost");
  } else if (what.has_body && error.code() == errc::timeout) {
    CHECK(error.operation() == "remove sandbox");  // out of the cancellation's reach, and bounded by its own deadline
  } else {
    CHECK(error.code() == asio::error::operation_aborted);
  }
}

}  // namespace

std::string told(const disturbance& what) {
  switch (what.action) {
    case step_action::proceed:
      return "undisturbed";
    case step_action::fail:
      return fmt::format("step {} failed", what.step);
    case step_action::hang:
      return fmt::format("step {} cancelled ({})", what.step, name_of(what.type));
    case step_action::overtake:
      return fmt::format("step {} overtaken by a cancellation ({})", what.step, name_of(what.type));
  }
  return {};
}

void check_disturbed(client_fixture& fixture, const disturbance& what, const disturbed_run& run,
                     std::chrono::nanoseconds bound) {
  if (!run.succeeded) check_failure(what, run);
  if (what.action == step_action::hang) CHECK_MESSAGE(!run.succeeded, "a cancelled call succeeded");
  CHECK_MESSAGE(fixture.elapsed() <= bound, "it took too long");
  fixture.settle();
  const auto pool = fixture.pool();
  CHECK_MESSAGE(pool.connections == pool.idle, "a slot of the pool is left behind");
  CHECK(pool.connecting == 0);
  CHECK(pool.waiting == 0);

  fixture.script().on_step = nullptr;
  fixture.script().otherwise = [](const std::string&) { return http_answer(200, sandbox_json("started")); };
  CHECK_MESSAGE(!fixture.run(fixture.client().get("another")).failed(), "the next call does not work");
}

}  // namespace daytona::test
