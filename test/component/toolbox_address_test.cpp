#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "kit/client_fixture.hpp"
#include "kit/request_lines.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;

namespace {

constexpr auto address_line = "GET /api/sandbox/5b0c6a8e-3a2f-4d53-9f0e-6a1d2c3b4a59/toolbox-proxy-url";
constexpr auto address_answer = R"({"url":"http://daytona.test/toolbox"})";
constexpr std::size_t callers = 200;

/// Calls of one sandbox whose server tells the address of its toolbox only when asked.
class first_calls {
 public:
  explicit first_calls(client_fixture& fixture) : fixture_(fixture), sandbox_(fixture.sandbox("started", "")) {
    fixture.script().forgiving = true;
    fixture.script().otherwise = [](const std::string& request) {
      return http_answer(200, request.starts_with(address_line) ? address_answer : executed);
    };
  }

  void begin(std::size_t count) {
    for (std::size_t n = 0; n < count; ++n) {
      signals_.push_back(std::make_unique<asio::cancellation_signal>());
      auto end = [this](std::exception_ptr failure, const execute_response&) {
        if (failure)
          failures.emplace_back().failure = failure;
        else
          ++succeeded;
      };
      asio::co_spawn(fixture_.io(), sandbox_.process().exec("x"),
                     asio::bind_cancellation_slot(signals_.back()->slot(), end));
    }
    fixture_.settle();
  }
  void cancel(std::size_t which) { signals_[which]->emit(asio::cancellation_type::terminal); }
  void run_to_end() {
    fixture_.run_until([this] { return succeeded + failures.size() == signals_.size(); });
  }
  /// How often the address was asked for.
  std::size_t questions() const {
    const auto& requests = fixture_.script().requests;
    return static_cast<std::size_t>(
        std::ranges::count_if(requests, [](const std::string& request) { return request.starts_with(address_line); }));
  }

  std::size_t succeeded = 0;
  std::vector<outcome<void>> failures;

 private:
  client_fixture& fixture_;
  daytona::sandbox sandbox_;
  std::vector<std::unique_ptr<asio::cancellation_signal>> signals_;
};

}  // namespace

TEST_CASE("R8: 200 first calls at the same time ask once for the toolbox's address, and later ones not at all") {
  client_fixture fixture;
  first_calls calls{fixture};

  calls.begin(callers);
  calls.run_to_end();
  calls.begin(1);
  calls.run_to_end();

  CHECK(calls.succeeded == callers + 1);
  CHECK(calls.questions() == 1);
}

TEST_CASE("R8: cancelling the first call that asks for the toolbox's address does not fail the others") {
  client_fixture fixture;
  first_calls calls{fixture};
  fixture.script().hang(address_line).reply(address_line, 200, address_answer);
  calls.begin(callers);
  CHECK(calls.questions() == 1);

  calls.cancel(0);
  calls.cancel(7);  // one that stands in line
  calls.run_to_end();

  REQUIRE(calls.failures.size() == 2);
  for (const auto& end : calls.failures) CHECK(end.error().code() == asio::error::operation_aborted);
  CHECK(calls.succeeded == callers - 2);
  CHECK(calls.questions() == 2);
}

TEST_CASE("R8: a toolbox's address that could not be had is not kept as such: the next call asks anew") {
  client_fixture fixture;
  first_calls calls{fixture};
  fixture.script().reply(address_line, 403, R"({"message":"not you"})").reply(address_line, 200, address_answer);

  calls.begin(callers);
  calls.run_to_end();

  REQUIRE(calls.failures.size() == 1);
  CHECK(calls.failures[0].is<forbidden_error>());
  CHECK(calls.succeeded == callers - 1);
  CHECK(calls.questions() == 2);
}

TEST_CASE("T2: those who wait for another call's question for the toolbox's address end at their own deadlines") {
  auto settings = client_fixture::default_config();
  settings.request_timeout = 7s;
  client_fixture fixture{settings};
  first_calls calls{fixture};
  fixture.script().hang(address_line);

  calls.begin(callers);
  calls.run_to_end();

  REQUIRE(calls.failures.size() == callers);
  std::size_t in_line = 0;
  for (const auto& end : calls.failures) {
    CHECK(end.error().code() == errc::timeout);
    if (end.error().phase() == phase::waiting_for_connection) ++in_line;
  }
  CHECK(in_line == callers - 1);
  CHECK(calls.questions() == 1);
  CHECK(fixture.elapsed() == 7s);
}
