#include <daytona/sandbox.hpp>

#include <utility>

#include "client/sandbox_core.hpp"
#include "client/toolbox_call.hpp"
#include "model/directory.hpp"
#include "protocol/arguments.hpp"

namespace daytona::inline v0 {

namespace {

boost::asio::awaitable<std::string> directory(std::shared_ptr<detail::sandbox_core> sandbox,
                                              detail::api_request request) {
  request.idempotent = true;
  const auto limit = protocol::operation_timeout(sandbox->client->settings.request_timeout, {});
  const auto answer =
      co_await detail::call_toolbox<model::directory_answer>(std::move(sandbox), std::move(request), limit);
  co_return answer.dir;
}

}  // namespace

boost::asio::awaitable<std::string> sandbox::get_user_home_dir() const {
  detail::api_request request{"GET", "/user-home-dir", "get user home directory"};
  return directory(core(), std::move(request));
}

boost::asio::awaitable<std::string> sandbox::get_work_dir() const {
  detail::api_request request{"GET", "/work-dir", "get working directory path"};
  return directory(core(), std::move(request));
}

}  // namespace daytona::inline v0
