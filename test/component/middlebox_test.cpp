#include "kit/middlebox.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "kit/tcp_fixture.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view answer_body = R"({"exitCode":0,"result":"one"})";

/// A sandbox whose commands go through a middlebox, each over a connection of its own; the API is reached directly.
class boxed_fixture : public tcp_fixture {
 public:
  explicit boxed_fixture(const server_options& options = {}, const certificate_authority* authority = nullptr)
      : tcp_fixture(options), box_(std::in_place, io(), server().port()) {
    const auto* const scheme = authority == nullptr ? "http" : "https";
    auto made = settings(scheme, "localhost");
    if (authority != nullptr) made.tls.ca_pem = authority->pem();
    made.retry.max_attempts = 3;  // what must not be repeated is not, although it could
    server().reply(get_line, 200,
                   sandbox_json("started", {}, fmt::format("{}://localhost:{}/toolbox", scheme, box().port())));
    sandbox_.emplace(get(made).value());
  }
  ~boxed_fixture() {
    box_->stop();
    settle();
  }
  middlebox& box() { return *box_; }

  outcome<execute_response> exec() {
    exec_options options;
    options.timeout = 10s;
    return run(sandbox_->process().exec("run once", options));
  }
  /// The server has an answer ready, after which it closes.
  void prepare() {
    server_reply last;
    last.bytes = http_answer(200, answer_body, "Connection: close\r\n");
    last.then = server_reply::ending::close;
    server().reply(last);
  }
  std::size_t requests() { return server().seen().requests.size(); }

  /// Runs the command through `up` and `down`, and then once more undisturbed, which must work.
  outcome<execute_response> exec_disturbed(flow up, flow down) {
    const auto before = requests();
    prepare();
    box().treat(up, down);
    auto end = exec();
    CHECK_MESSAGE(requests() <= before + 1, "it was sent twice");
    if (end.failed()) CHECK_MESSAGE(end.is<error>(), "it is no daytona::error");

    box().treat({}, {});
    if (requests() > before) prepare();
    const auto next = exec();
    CHECK_MESSAGE(!next.failed(), "the next command fails");
    if (!next.failed()) CHECK(next.value().result == "one");
    return end;
  }

 private:
  std::optional<middlebox> box_;
  std::optional<daytona::sandbox> sandbox_;
};

struct traffic {
  std::size_t up = 0, down = 0;
};

/// How many bytes an undisturbed command sends and gets: the second one, as TLS says more at first.
traffic measure(boxed_fixture& fixture) {
  traffic before;
  for (int n = 0; n < 2; ++n) {
    before = {fixture.box().bytes_to_server(), fixture.box().bytes_to_client()};
    fixture.prepare();
    CHECK(fixture.exec().value().result == "one");
  }
  return {fixture.box().bytes_to_server() - before.up, fixture.box().bytes_to_client() - before.down};
}

flow cut(std::size_t at, flow::end by) {
  flow how;
  how.cut_at = at;
  how.by = by;
  return how;
}

flow twice(std::size_t at) {
  flow how;
  how.duplicate_at = at;
  return how;
}

}  // namespace

TEST_CASE("R1: a command whose connection is cut at any byte, either way, is lost or known, and never sent twice") {
  boxed_fixture fixture;
  const auto size = measure(fixture);
  for (const auto by : {flow::end::close, flow::end::reset}) {
    for (std::size_t at = 0; at < size.up; ++at) {
      INFO("request cut at ", at);
      CHECK(fixture.exec_disturbed(cut(at, by), {}).error().code() == errc::connection_lost);
    }
    for (std::size_t at = 0; at < size.down; ++at) {
      INFO("answer cut at ", at);
      const auto end = fixture.exec_disturbed({}, cut(at, by));
      CHECK(end.error().code() == errc::connection_lost);
      CHECK(end.error().details().request_sent);
    }
  }
}

TEST_CASE("T2: a connection that falls silent at any byte, either way, ends the call at its deadline, phase named") {
  boxed_fixture fixture;
  const auto size = measure(fixture);
  for (std::size_t at = 0; at < size.up; at += 5) {
    const auto end = fixture.exec_disturbed(cut(at, flow::end::stall), {});
    CHECK(end.error().code() == errc::timeout);
    CHECK(end.error().phase() == phase::headers);
  }
  for (std::size_t at = 0; at < size.down; at += 3) {
    INFO("answer silent at ", at);
    const auto end = fixture.exec_disturbed({}, cut(at, flow::end::stall));
    CHECK(end.error().code() == errc::timeout);
    CHECK(end.error().phase() == (at < size.down - answer_body.size() ? phase::headers : phase::body));
  }
}

TEST_CASE(
    "R12: an answer with a byte twice, at any place, is an error or harmless, and its connection is not used again") {
  boxed_fixture fixture;
  const auto size = measure(fixture);
  std::size_t harmless = 0;
  for (std::size_t at = 0; at < size.down; ++at) {
    INFO("twice at ", at);
    const auto end = fixture.exec_disturbed({}, twice(at));
    if (!end.failed()) ++harmless;
    if (at >= size.down - answer_body.size()) CHECK(end.failed());
  }
  CHECK(harmless < size.down);
}

TEST_CASE("R12: a request with a byte twice, at any place, does not leave the client hanging") {
  boxed_fixture fixture;
  const auto size = measure(fixture);
  for (std::size_t at = 0; at < size.up; ++at) {
    INFO("twice at ", at);
    fixture.exec_disturbed(twice(at), {});
  }
}

TEST_CASE("bytes that come one by one and late, both ways, are put together") {
  for (const auto delay : {0ns, std::chrono::nanoseconds(1ms)}) {
    boxed_fixture fixture;
    flow slow;
    slow.piece = 1;
    slow.delay = delay;
    fixture.prepare();
    fixture.box().treat(slow, slow);

    CHECK(fixture.exec().value().result == "one");
  }
}

TEST_CASE("T2: bytes that keep coming do not prolong the deadline") {
  boxed_fixture fixture;
  flow dripping;
  dripping.piece = 1;
  dripping.delay = 1s;
  fixture.prepare();
  fixture.box().treat({}, dripping);

  const auto end = fixture.exec();

  CHECK(end.error().code() == errc::timeout);
  CHECK(end.error().phase() == phase::headers);
  CHECK(fixture.elapsed() == 15s);  // the command's 10 s and the 5 s to spare
}

TEST_CASE("R1: over TLS, a connection cut or tampered with at any place is a typed error, never an answer") {
  const certificate_authority authority;
  boxed_fixture fixture{authority.issue("DNS:localhost"), &authority};
  const auto size = measure(fixture);
  constexpr std::size_t varying = 24;  // the end of the conversation is not at the same byte each time
  for (std::size_t at = 0; at + varying < size.down; at += 7) {
    INFO("at ", at, " of ", size.down);
    const auto lost = fixture.exec_disturbed({}, cut(at, flow::end::reset));
    const auto tampered = fixture.exec_disturbed({}, twice(at));
    CHECK(lost.failed());
    if (!tampered.failed()) CHECK(tampered.value().result == "one");  // in what came behind the answer
  }
  for (std::size_t at = 0; at + varying < size.up; at += 7) {
    INFO("request at ", at, " of ", size.up);
    CHECK(fixture.exec_disturbed(cut(at, flow::end::close), {}).failed());
  }
}
