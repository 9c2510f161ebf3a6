#include <daytona/client.hpp>

#include <fmt/format.h>

#include <utility>

#include "client/api_call.hpp"
#include "client/create_sandbox.hpp"
#include "client/sandbox_list_state.hpp"
#include "model/create_sandbox.hpp"
#include "protocol/arguments.hpp"
#include "protocol/error_mapping.hpp"

namespace daytona::inline v0 {

namespace {

using core_pointer = std::shared_ptr<detail::client_core>;
template <class T>
using awaitable = boost::asio::awaitable<T>;

constexpr std::string_view create_operation = "create sandbox";
constexpr std::string_view get_operation = "get sandbox";
constexpr std::string_view find_operation = "find sandbox";

template <class Params>
awaitable<sandbox> create_from(const core_pointer& core, Params params, const create_options& options) {
  const auto timeout = protocol::operation_timeout(options.timeout, create_operation);
  protocol::check_create(params, create_operation);
  auto create_id = detail::random_id();
  params.labels.insert_or_assign(std::string(detail::create_id_label), create_id);
  detail::api_request request{"POST", "/sandbox", create_operation};
  request.body = model::create_body(params, core->settings.target);
  detail::creation plan{std::move(request), std::move(create_id)};
  plan.timeout = timeout;
  plan.keep_on_failure = options.keep_on_failure;
  return detail::create_sandbox(core, std::move(plan));
}

awaitable<sandbox> get_sandbox(core_pointer core, detail::api_request request) {
  const auto answer = co_await detail::perform(core, nullptr, request);
  auto data = std::make_shared<model::sandbox_data>();
  detail::decode_into(*data, answer, request);
  co_return detail::sandbox_core::make(std::make_shared<detail::sandbox_core>(core, std::move(data)));
}

detail::api_request get_request(std::string_view id_or_name, std::string_view operation) {
  protocol::check_argument(id_or_name != "." && id_or_name != "..", operation,
                           "sandbox_id_or_name must not be '.' or '..'");
  detail::api_request request{"GET", detail::sandbox_path(id_or_name), operation};
  request.idempotent = true;
  return request;
}

awaitable<sandbox> first_of(sandbox_list list, std::map<std::string, std::string> labels) {
  auto first = co_await list.next();
  if (first) co_return *std::move(first);
  error_details details;
  details.operation = find_operation;
  std::string wanted;
  for (const auto& [key, value] : labels) wanted += fmt::format("{}{}={}", wanted.empty() ? "" : ", ", key, value);
  throw not_found_error(
      errc::not_found, fmt::format("Failed to find sandbox: No sandbox found with labels {}; create one first", wanted),
      details);
}

}  // namespace

client::client(config configuration) : core_(std::make_shared<detail::client_core>(std::move(configuration))) {}

client::client(std::shared_ptr<detail::client_core> core) : core_(std::move(core)) {}

awaitable<sandbox> client::create(create_options options) const {
  return create(create_from_snapshot_params(), options);
}

awaitable<sandbox> client::create(create_from_snapshot_params params, create_options options) const {
  return create_from(core_, std::move(params), options);
}

awaitable<sandbox> client::create(create_from_image_params params, create_options options) const {
  return create_from(core_, std::move(params), options);
}

awaitable<sandbox> client::get(std::string_view id_or_name) const {
  protocol::check_argument(!id_or_name.empty(), get_operation, "sandbox_id_or_name is required");
  return get_sandbox(core_, get_request(id_or_name, get_operation));
}

awaitable<sandbox> client::find_one(std::string_view id_or_name, std::map<std::string, std::string> labels) const {
  if (!id_or_name.empty()) return get_sandbox(core_, get_request(id_or_name, find_operation));
  protocol::check_argument(!labels.empty(), find_operation, "give an id or name, or labels");
  list_sandboxes_query query;
  query.limit = 1;
  query.labels = labels;
  return first_of(list(std::move(query)), std::move(labels));
}

sandbox_list client::list(list_sandboxes_query query) const {
  return sandbox_list(std::make_shared<detail::sandbox_list_state>(core_, std::move(query)));
}

awaitable<paginated_sandboxes> client::list_page(std::map<std::string, std::string> labels,
                                                 std::optional<std::int64_t> page,
                                                 std::optional<std::int64_t> limit) const {
  protocol::check_page(page, limit, "list sandboxes");
  protocol::check_labels(labels, "list sandboxes");
  return detail::as_call(detail::list_page(core_, std::move(labels), page, limit), "list sandboxes");
}

awaitable<void> client::start(sandbox target, start_options options) const { return target.start(options); }
awaitable<void> client::stop(sandbox target, stop_options options) const { return target.stop(options); }
awaitable<void> client::remove(sandbox target, remove_options options) const { return target.remove(options); }

pool_figures client::pool_figures() const {
  auto figures = core_->pools.figures();
  figures.streams = core_->streams;
  return figures;
}

void client::close() const {
  core_->operations.close();
  core_->pools.close();
  core_->handshakes.close();
}

}  // namespace daytona::inline v0
