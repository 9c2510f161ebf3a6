#include "local/control/sandboxes.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <doctest/doctest.h>

#include <string>

#include "backend.hpp"
#include "local/control/create_request.hpp"
#include "local/http/http_error.hpp"

using namespace daytona::local;
using namespace daytona::local::test;
using daytona::local::http::http_error;
using daytona::model::sandbox_data;

namespace {

sandbox_data create(backend& local, const std::string& body = "{}") {
  return run(local.io, sandboxes::create(local.all, read_create_request(body)));
}

/// Runs what is under way in the background.
void run_background(backend& local) {
  local.io.restart();
  while (local.io.poll_one() > 0) {
  }
}

template <class Work>
http_error refusal(backend& local, Work work) {
  try {
    run(local.io, std::move(work));
  } catch (const http_error& error) {
    return error;
  }
  return http_error{0, "done"};
}

}  // namespace

TEST_CASE("a created sandbox is started, named by its id, and complete") {
  backend local;

  const auto made = create(local, R"({"env":{"A":"1"}})");

  CHECK(made.state == "started");
  CHECK(made.desired_state == "started");
  CHECK(made.name == made.id);
  CHECK(made.organization_id == "org");
  CHECK(made.runner_id == "local");
  CHECK(made.toolbox_proxy_url == "http://127.0.0.1:1/toolbox");
  CHECK(made.created_at);
  const auto& environment = local.runner->launched.at(0).environment;
  CHECK(environment.at("A") == "1");
  CHECK(environment.at("DAYTONA_SANDBOX_ID") == made.id);
  CHECK(environment.at("DAYTONA_REGION_ID") == "us");
}

TEST_CASE("a taken name is a conflict, and free again once its sandbox is removed") {
  backend local;
  create(local, R"({"name":"box"})");

  CHECK_THROWS_WITH(create(local, R"({"name":"box"})"), "Sandbox with name box already exists");
  const auto removed = run(local.io, sandboxes::remove(local.all, "box"));
  CHECK(removed.name.starts_with("DESTROYED_box_"));
  CHECK(removed.state == "destroyed");
  CHECK(create(local, R"({"name":"box"})").name == "box");
}

TEST_CASE("no more sandboxes than allowed") {
  backend local;
  for (int n = 0; n < 3; ++n) create(local);

  const auto error = refusal(local, sandboxes::create(local.all, read_create_request("{}")));

  CHECK(error.status() == 403);
  CHECK(error.code() == "ORGANIZATION_QUOTA_EXCEEDED");
}

TEST_CASE("a sandbox is stopped and started again, and refuses what its state does not allow") {
  backend local;
  const auto id = create(local).id;
  local.runner->close_gate(local.io);

  CHECK(run(local.io, sandboxes::stop(local.all, id, false)).state == "stopping");
  CHECK(refusal(local, sandboxes::start(local.all, id)).status() == 409);
  local.runner->open_gate();
  run_background(local);
  CHECK(local.all->get(id).state == "stopped");
  CHECK(refusal(local, sandboxes::stop(local.all, id, false)).message() == "Sandbox is not in a stoppable state");
  CHECK(run(local.io, sandboxes::start(local.all, id)).state == "started");
  CHECK(run(local.io, sandboxes::start(local.all, id)).state == "started");
  CHECK(local.runner->calls == std::vector<std::string>{"launch", "stop", "launch"});
}

TEST_CASE("an ephemeral sandbox is gone once it stops") {
  backend local;
  const auto id = create(local, R"({"autoDeleteInterval":0})").id;

  CHECK(run(local.io, sandboxes::stop(local.all, id, true)).state == "destroying");
  run_background(local);

  CHECK_THROWS_AS(local.all->get(id), http_error);
  CHECK(local.runner->calls.back() == "remove");
}

TEST_CASE("a sandbox that does not come up is an error with its reason, and can be removed") {
  backend local;
  local.runner->launch_failure = "mount /usr: Operation not permitted";

  const auto error = refusal(local, sandboxes::create(local.all, read_create_request(R"({"name":"box"})")));

  CHECK(error.status() == 400);
  CHECK(error.message() == "Sandbox failed to start: mount /usr: Operation not permitted");
  CHECK(local.all->get("box").state == "error");
  CHECK(local.all->get("box").error_reason == "mount /usr: Operation not permitted");
  CHECK(run(local.io, sandboxes::remove(local.all, "box")).state == "destroyed");
}

TEST_CASE("a sandbox that ends by itself is stopped, with the reason, and startable") {
  backend local;
  const auto id = create(local).id;

  local.all->ended(id, "killed by signal 9");

  CHECK(local.all->get(id).state == "stopped");
  CHECK(local.all->get(id).error_reason == "the sandbox ended by itself: killed by signal 9");
  CHECK_FALSE(local.all->running(id));
  CHECK(run(local.io, sandboxes::start(local.all, id)).state == "started");
  CHECK_FALSE(local.all->get(id).error_reason);
}

TEST_CASE("a sandbox that ends before its start has heard that it is up is in error, with the reason") {
  backend local;
  local.runner->when_up = [&](const std::string& id) { local.all->ended(id, "exited with status 1"); };

  const auto refused = refusal(local, sandboxes::create(local.all, read_create_request(R"({"name":"box"})")));

  CHECK(refused.message() == "Sandbox failed to start: it ended as soon as it was up: exited with status 1");
  CHECK_FALSE(local.all->running(local.all->get("box").id));
}

TEST_CASE("a process that follows a killed one finds every acknowledged sandbox, stopped and startable") {
  backend local;
  const auto id = create(local, R"({"name":"kept","labels":{"a":"b"}})").id;
  const auto ephemeral = create(local, R"({"autoDeleteInterval":0})").id;

  local.open();

  CHECK(local.all->get("kept").id == id);
  CHECK(local.all->get("kept").state == "stopped");
  CHECK(local.all->get("kept").labels.at("a") == "b");
  CHECK_THROWS_AS(local.all->get(ephemeral), http_error);
  CHECK(run(local.io, sandboxes::start(local.all, "kept")).state == "started");
}

TEST_CASE("a removal that failed is taken up again by the next process") {
  backend local;
  create(local, R"({"name":"box"})");
  local.runner->remove_failure = "busy";
  run(local.io, sandboxes::remove(local.all, "box"));
  CHECK_THROWS_AS(local.all->get("box"), http_error);

  local.open();

  CHECK(local.runner->calls == std::vector<std::string>{"remove"});
  CHECK(local.all->all().empty());
}

TEST_CASE("shutting down ends what runs and keeps it, or destroys everything") {
  backend local;
  create(local, R"({"name":"kept"})");

  run(local.io, sandboxes::shut_down(local.all, false));
  CHECK(local.all->get("kept").state == "stopped");
  CHECK(refusal(local, sandboxes::start(local.all, "kept")).status() == 503);

  run(local.io, sandboxes::shut_down(local.all, true));
  CHECK(local.all->all().empty());
}

TEST_CASE("a caller that leaves while a sandbox starts does not end its start") {
  backend local;
  local.runner->close_gate(local.io);
  local.runner->gate_launches = true;
  boost::asio::cancellation_signal leave;
  bool left = false;
  boost::asio::co_spawn(
      local.io, sandboxes::create(local.all, read_create_request(R"({"name":"box"})")),
      boost::asio::bind_cancellation_slot(leave.slot(), [&](std::exception_ptr, const sandbox_data&) { left = true; }));
  run_background(local);

  leave.emit(boost::asio::cancellation_type::terminal);
  run_background(local);
  CHECK(left);
  CHECK(local.all->get("box").state == "creating");
  local.runner->open_gate();
  run_background(local);

  CHECK(local.all->get("box").state == "started");
}

TEST_CASE("an ephemeral sandbox that ends by itself is gone, one that the lost helper took along too") {
  backend local;
  const auto first = create(local, R"({"autoDeleteInterval":0})").id;
  const auto second = create(local, R"({"autoDeleteInterval":0})").id;

  local.all->ended(first, "killed by signal 9");
  run_background(local);
  CHECK_THROWS_AS(local.all->get(first), http_error);
  local.all->all_ended("the host-helper ended");
  run_background(local);

  CHECK_THROWS_AS(local.all->get(second), http_error);
  CHECK(local.all->all().empty());
}

TEST_CASE("a sandbox that could not start again is recovered, by asking or by the next process") {
  backend local;
  const auto id = create(local, R"({"name":"box"})").id;
  run(local.io, sandboxes::stop(local.all, id, true));
  run_background(local);
  local.runner->launch_failure = "No space left on device";
  CHECK(refusal(local, sandboxes::start(local.all, id)).status() == 400);
  CHECK(local.all->get(id).state == "error");
  CHECK(local.all->get(id).recoverable == true);
  CHECK(refusal(local, sandboxes::start(local.all, id)).message() == "Sandbox is in an errored state");

  local.runner->launch_failure.clear();
  CHECK(run(local.io, sandboxes::recover_one(local.all, id, false)).state == "started");
  CHECK_FALSE(local.all->get(id).recoverable);
  CHECK(refusal(local, sandboxes::recover_one(local.all, id, false)).status() == 400);

  run(local.io, sandboxes::stop(local.all, id, true));
  run_background(local);
  local.runner->launch_failure = "again";
  CHECK(refusal(local, sandboxes::start(local.all, id)).status() == 400);
  local.open();
  CHECK(local.all->get(id).state == "stopped");
  CHECK(run(local.io, sandboxes::start(local.all, id)).state == "started");
}

TEST_CASE("what still comes up when the backend shuts down is ended when it is up") {
  backend local;
  local.runner->close_gate(local.io);
  local.runner->gate_launches = true;
  boost::asio::co_spawn(local.io, sandboxes::create(local.all, read_create_request(R"({"name":"box"})")),
                        [](std::exception_ptr, const sandbox_data&) {});
  run_background(local);
  bool down = false;
  boost::asio::co_spawn(local.io, sandboxes::shut_down(local.all, false), [&](std::exception_ptr) { down = true; });
  run_background(local);
  CHECK_FALSE(down);

  local.runner->gate_launches = false;
  local.runner->open_gate();
  local.runner->gate.reset();
  run_background(local);

  CHECK(down);
  CHECK(local.all->get("box").state == "stopped");
  CHECK(local.runner->calls == std::vector<std::string>{"launch", "kill"});
}

TEST_CASE("a removal that failed is asked for again by id") {
  backend local;
  const auto id = create(local).id;
  local.runner->remove_failure = "busy";
  run(local.io, sandboxes::remove(local.all, id));
  CHECK(local.all->all().empty());
  CHECK(local.all->all(true).size() == 1);
  local.runner->remove_failure.clear();

  CHECK(run(local.io, sandboxes::remove(local.all, id)).state == "destroyed");

  CHECK(local.all->all(true).empty());
}

TEST_CASE("what can't be kept does not begin, and says what to do; a removal goes on") {
  backend local;
  const auto kept = create(local, R"({"name":"kept","labels":{"a":"b"}})").id;
  const auto removed = create(local).id;
  const no_more_writes broken;

  const auto refused = refusal(local, sandboxes::create(local.all, read_create_request(R"({"name":"box"})")));
  CHECK(refused.status() == 500);
  CHECK(refused.message().find("check that it can be written") != std::string::npos);
  CHECK(refused.code() == "STATE_NOT_SAVED");
  CHECK_THROWS_AS(local.all->get("box"), http_error);
  CHECK(refusal(local, sandboxes::stop(local.all, kept, true)).status() == 500);
  CHECK(local.all->get(kept).state == "started");
  CHECK_THROWS_AS(local.all->set_labels(kept, {{"c", "d"}}), http_error);
  CHECK(local.all->get(kept).labels.count("a") == 1);
  CHECK(local.runner->calls == std::vector<std::string>{"launch", "launch"});

  CHECK(refusal(local, sandboxes::remove(local.all, removed)).status() == 500);
  CHECK(local.runner->calls.back() == "remove");
}
