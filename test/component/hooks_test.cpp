#include <boost/asio/this_coro.hpp>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <utility>
#include <vector>

#include "kit/allocations.hpp"
#include "kit/client_fixture.hpp"
#include "kit/request_lines.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;

namespace {

constexpr auto canary = "canary-7f3a9b";

/// All that `event` tells, as a text.
std::string told(const trace_event& event) {
  return fmt::format("{} {} {} {} {} {}\n", event.operation, event.method, event.url, event.request_id, event.status,
                     event.error.message());
}

/// All that `e` tells, as a text.
std::string told(const daytona::error& e) {
  auto text = fmt::format("{} {} {} {} {} {} {} {}\n", e.what(), e.operation(), e.url(), e.server_message(),
                          e.server_code(), e.source(), e.request_id(), e.sandbox_id());
  for (const auto& [name, value] : e.headers()) text += name + ": " + value + "\n";
  return text;
}

/// Keeps what is written to standard output and standard error while it lives.
class quiet_output {
 public:
  quiet_output() {
    std::fflush(nullptr);  // what was written before
    for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
      saved_.push_back(::dup(stream));
      ::dup2(::fileno(kept_.get()), stream);
    }
  }
  ~quiet_output() {
    ::dup2(saved_[0], STDOUT_FILENO);
    ::dup2(saved_[1], STDERR_FILENO);
    for (const int descriptor : saved_) ::close(descriptor);
  }
  quiet_output(const quiet_output&) = delete;
  quiet_output& operator=(const quiet_output&) = delete;

  std::string text() const {
    std::fflush(nullptr);
    std::string text(4096, '\0');
    const auto size = ::pread(::fileno(kept_.get()), text.data(), text.size(), 0);
    text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return text;
  }

 private:
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> kept_{std::tmpfile(), std::fclose};
  std::vector<int> saved_;
};

config with_jwt(std::function<asio::awaitable<std::string>()> provider) {
  auto settings = client_fixture::default_config();
  settings.api_key.clear();
  settings.organization_id = "organization";
  settings.jwt_provider = std::move(provider);
  return settings;
}

/// Suspends until it is cancelled.
asio::awaitable<std::string> never() {
  const auto op = co_await net::begin_operation(std::nullopt);
  net::wake_up bell{op->executor()};
  net::error_code ec;
  co_await bell.wait(*op, ec);
  throw boost::system::system_error(ec);
}

}  // namespace

TEST_CASE("O1: hooks that throw change neither result nor request, whatever they throw") {
  auto settings = client_fixture::default_config();
  settings.on_trace = [](const trace_event&) { throw 5; };
  settings.traceparent = []() -> std::string { throw std::runtime_error("no"); };
  client_fixture fixture{settings};
  fixture.script().reply(execute_line, 200, executed).reply(execute_line, 403, R"({"message":"no"})");

  const auto good = fixture.run(fixture.sandbox().process().exec("x"));
  const auto bad = fixture.run(fixture.sandbox().process().exec("x"));

  CHECK_FALSE(good.failed());
  CHECK(bad.is<forbidden_error>());
  CHECK_FALSE(has(fixture.script().requests.at(0), "traceparent"));
}

TEST_CASE("O1: a hook may call the library again, close the client, and let go of its last handle") {
  std::optional<daytona::client> held;
  client_fixture* runner = nullptr;
  int inner = 0;
  auto settings = client_fixture::default_config();
  settings.on_trace = [&](const trace_event&) {
    if (!held) return;
    const auto last = *std::exchange(held, std::nullopt);
    asio::co_spawn(runner->io(), last.get("inner"),
                   [&](std::exception_ptr failure, sandbox) { inner = failure ? -1 : 1; });
  };
  client_fixture fixture{settings};
  runner = &fixture;
  held = fixture.client();
  fixture.script().reply(execute_line, 200, executed).reply("GET /api/sandbox/inner", 200, sandbox_json("started"));

  const auto outer = fixture.run(fixture.sandbox().process().exec("x"));
  fixture.run_until([&] { return inner != 0; });

  CHECK_FALSE(outer.failed());
  CHECK(inner == 1);
}

TEST_CASE("O1: nothing is written to standard output or standard error, whatever fails") {
  std::string written;
  {
    const quiet_output output;
    auto settings = client_fixture::default_config();
    settings.on_trace = [](const trace_event&) { throw std::runtime_error("no"); };
    client_fixture fixture{settings};
    fixture.script().forgiving = true;
    for (const unsigned status : {200u, 404u, 500u}) {
      fixture.script().otherwise = [status](const std::string&) { return http_answer(status, "garbage"); };
      fixture.run(fixture.sandbox().process().exec("x"));
      fixture.run(fixture.client().create());
    }
    fixture.script().on_step = [](std::size_t) { return step_action::fail; };
    fixture.run(fixture.client().create());
    written = output.text();
  }

  CHECK(written == "");
}

TEST_CASE(
    "O2: a key, a token, an environment and a query are in no hook and no error, even if the peer sends them back") {
  std::string all;
  auto with_key = client_fixture::default_config();
  with_key.api_key = canary;
  for (auto settings : {with_key, with_jwt([]() -> asio::awaitable<std::string> { co_return canary; })}) {
    settings.retry.max_attempts = 2;
    settings.on_trace = [&](const trace_event& event) { all += told(event); };
    const auto echo = fmt::format(R"({{"message":"bad token {} and {}","code":"X"}})", canary, canary);
    const auto field = fmt::format("X-Request-Id: {}\r\nX-Echo: Bearer {}\r\n", canary, canary);
    for (const unsigned status : {400u, 401u, 403u, 429u, 500u, 502u}) {
      client_fixture fixture{settings};
      fixture.script().forgiving = true;
      fixture.script().otherwise = [&](const std::string&) { return http_answer(status, echo, field); };
      exec_options options;
      options.env["TOKEN"] = canary;
      list_sandboxes_query query;
      query.name = canary;
      auto list = fixture.client().list(query);

      all += told(fixture.run(fixture.sandbox().process().exec(fmt::format("echo {}", canary), options)).error());
      all += told(fixture.run(list.next()).error());
    }
  }

  CHECK(has(all, "bad token [redacted] and [redacted]"));
  CHECK(has(all, "execute command POST"));
  CHECK_FALSE(has(all, canary));
}

TEST_CASE("O2: an answer that can't be read, or that leads elsewhere, shows no key, wherever the server put it") {
  std::string all;
  auto with_key = client_fixture::default_config();
  with_key.api_key = canary;
  const std::vector<std::string> answers{
      http_answer(200, fmt::format(R"({{"id":"a","env":{{"{}":1}}}})", canary), fmt::format("X-Echo: {}\r\n", canary)),
      http_answer(307, "", fmt::format("Location: /api/{}\r\n", canary)),
      http_answer(307, "", fmt::format("Location: http://{}.test/\r\n", canary))};
  for (auto settings : {with_key, with_jwt([]() -> asio::awaitable<std::string> { co_return canary; })}) {
    settings.on_trace = [&](const trace_event& event) { all += told(event); };
    for (const auto& answer : answers) {
      client_fixture fixture{settings};
      fixture.script().forgiving = true;
      fixture.script().otherwise = [&](const std::string& request) {
        return request.starts_with("GET /api/sandbox/x") ? answer : http_answer(404, "");
      };

      all += told(fixture.run(fixture.client().get("x")).error());
    }
  }

  CHECK(has(all, "GET http://daytona.test:80/api/sandbox/x"));
  CHECK(has(all, "env.[redacted]: expected a string"));
  CHECK_FALSE(has(all, canary));
}

TEST_CASE("O2: hooks are told of failed connections without the key") {
  std::string all;
  auto settings = client_fixture::default_config();
  settings.api_key = canary;
  settings.on_trace = [&](const trace_event& event) { all += told(event); };
  client_fixture fixture{settings};
  fixture.script().on_step = [](std::size_t step) { return step % 3 == 2 ? step_action::fail : step_action::proceed; };
  fixture.script().forgiving = true;

  all += told(fixture.run(fixture.sandbox().process().exec("x")).error());

  CHECK(has(all, "execute command"));
  CHECK_FALSE(has(all, canary));
}

TEST_CASE("O3: a call without hooks asks for no memory on their account") {
  const auto blocks_of = [](bool traced) {
    auto settings = client_fixture::default_config();
    std::size_t phases = 0;
    if (traced) settings.on_trace = [&](const trace_event& event) { phases += event.phases.size(); };
    client_fixture fixture{settings};
    fixture.script().forgiving = true;
    fixture.script().otherwise = [](const std::string&) { return http_answer(200, executed); };
    for (int n = 0; n < 3; ++n) fixture.run(fixture.sandbox().process().exec("x"));
    const auto before = total_allocations();
    fixture.run(fixture.sandbox().process().exec("x"));
    CHECK((phases > 0) == traced);
    return total_allocations() - before;
  };

  const auto untraced = blocks_of(false);
  const auto traced = blocks_of(true);
  if (allocations_are_counted()) CHECK(untraced < traced);
}

TEST_CASE("O3: tracing that is on for long keeps nothing of the calls it has told of") {
  auto settings = client_fixture::default_config();
  std::size_t told_of = 0;
  settings.on_trace = [&](const trace_event&) { ++told_of; };
  client_fixture fixture{settings};
  fixture.script().forgiving = true;
  fixture.script().otherwise = [](const std::string&) { return http_answer(200, executed); };
  const auto call = [&] {
    fixture.run(fixture.sandbox().process().exec("x"));
    fixture.script().requests.clear();
  };
  for (int n = 0; n < 10; ++n) call();
  const auto before = live_allocations();

  for (int n = 0; n < 200; ++n) call();

  CHECK(live_allocations() <= before);
  CHECK(told_of == 210);
}

TEST_CASE("T3: a provider of tokens that waits is cancelled with its call, whatever the kind of cancellation") {
  for (const auto type :
       {asio::cancellation_type::terminal, asio::cancellation_type::partial, asio::cancellation_type::total}) {
    client_fixture fixture{with_jwt(never)};
    asio::cancellation_signal signal;
    std::optional<bool> failed;
    auto call = [](daytona::client client) -> asio::awaitable<void> {
      co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
      co_await client.get("x");
    };
    asio::co_spawn(
        fixture.io(), call(fixture.client()),
        asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr failure) { failed = failure != nullptr; }));
    fixture.settle();

    signal.emit(type);
    fixture.run_until([&] { return failed.has_value(); });

    CHECK(*failed);
    CHECK(fixture.elapsed() == 0s);
    CHECK(fixture.script().connections == 0);
  }
}

TEST_CASE("a provider of tokens that gives none, or one that would split the header, is told with the operation") {
  const std::vector<std::string> tokens{"", "a\r\nX-Evil: 1", std::string("a\0b", 3)};
  for (const auto& token : tokens) {
    client_fixture fixture{with_jwt([token]() -> asio::awaitable<std::string> { co_return token; })};

    const auto error = fixture.run(fixture.client().get("x")).error();

    CHECK(error.code() == errc::invalid_argument);
    CHECK(error.message().starts_with("Failed to get sandbox: jwt_provider gave "));
    CHECK(fixture.script().requests.empty());
  }
}
