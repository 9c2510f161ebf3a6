#include "vectors/recorded_call.hpp"

#include <cmath>

#include "vectors/recorded_arguments.hpp"

namespace daytona::test {

namespace {

using std::chrono::milliseconds;
template <class T>
using awaitable = boost::asio::awaitable<T>;

/// The timeout of a lifecycle call: a name, or the first number.
template <class Options>
Options options_of(const python_value& call) {
  Options options;
  const auto* value = call.argument("timeout");
  for (const auto& item : call.items)
    if (item.type == python_value::kind::number && value == nullptr) value = &item;
  if (value == nullptr) return options;
  const bool none = value->type == python_value::kind::none;
  options.timeout = none ? milliseconds(0) : milliseconds(std::llround(value->number * 1000));
  return options;
}

awaitable<void> create(daytona::client client, sandbox, python_value call) {
  auto options = options_of<create_options>(call);
  options.keep_on_failure = true;  // as the official SDKs do
  if (call.items.empty()) {
    co_await client.create(options);
  } else if (call.items[0].is_call("CreateSandboxFromImageParams")) {
    auto params = image_params(call.items[0]);
    co_await client.create(params, options);
  } else {
    auto params = snapshot_params(call.items[0]);
    co_await client.create(params, options);
  }
}

awaitable<void> get(daytona::client client, sandbox target, python_value call) {
  const auto& asked = call.items.at(0);
  const std::string id = asked.type == python_value::kind::text ? asked.text : target.id();
  co_await client.get(id);
}

awaitable<void> list(daytona::client client, sandbox, python_value call) {
  list_sandboxes_query query;
  const auto& listing = call.items.at(0);
  if (!listing.items.empty()) query = query_of(listing.items[0]);
  auto sandboxes = client.list(query);
  auto left = call.items.size() > 1 ? std::llround(call.items[1].number) : 1000;
  for (bool more = true; more && left > 0; --left) {
    const auto next = co_await sandboxes.next();
    more = next.has_value();
  }
}

awaitable<void> start(daytona::client, sandbox target, python_value call) {
  const auto options = options_of<start_options>(call);
  co_await target.start(options);
}

awaitable<void> stop(daytona::client, sandbox target, python_value call) {
  auto options = options_of<stop_options>(call);
  options.force = flag_of(call, "force");
  co_await target.stop(options);
}

awaitable<void> remove(daytona::client, sandbox target, python_value call) {
  auto options = options_of<remove_options>(call);
  options.wait = flag_of(call, "wait");
  co_await target.remove(options);
}

awaitable<void> refresh(daytona::client, sandbox target, python_value) { co_await target.refresh_data(); }

awaitable<void> wait_for_start(daytona::client, sandbox target, python_value call) {
  const auto options = options_of<wait_options>(call);
  co_await target.wait_for_sandbox_start(options);
}

awaitable<void> wait_for_stop(daytona::client, sandbox target, python_value call) {
  const auto options = options_of<wait_options>(call);
  co_await target.wait_for_sandbox_stop(options);
}

awaitable<void> exec(daytona::client, sandbox target, python_value call) {
  exec_options options;
  if (const auto* value = call.argument("timeout")) options.timeout = milliseconds(std::llround(value->number * 1000));
  co_await target.process().exec(call.items.at(0).text, options);
}

using performer = awaitable<void> (*)(daytona::client, sandbox, python_value);

const std::map<std::string, performer>& performers() {
  static const std::map<std::string, performer> all{
      {"daytona.create", create},
      {"daytona.get", get},
      {"list", list},
      {"sandbox.start", start},
      {"daytona.start", start},
      {"sandbox.stop", stop},
      {"daytona.stop", stop},
      {"sandbox.delete", remove},
      {"daytona.delete", remove},
      {"sandbox.refresh_data", refresh},
      {"sandbox.wait_for_sandbox_start", wait_for_start},
      {"sandbox.wait_for_sandbox_stop", wait_for_stop},
      {"sandbox.process.exec", exec},
  };
  return all;
}

}  // namespace

bool is_offered(const python_value& call) {
  if (!performers().contains(call.text)) return false;
  return call.text != "list" || (!call.items.empty() && call.items[0].is_call("daytona.list"));
}

boost::asio::awaitable<void> perform_recorded(daytona::client client, sandbox target, python_value call) {
  const auto perform = performers().at(call.text);
  return perform(std::move(client), std::move(target), std::move(call));
}

}  // namespace daytona::test
