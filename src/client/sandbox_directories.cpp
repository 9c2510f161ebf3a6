#include <daytona/sandbox.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "client/toolbox_call.hpp"
#include "model/directory.hpp"

namespace daytona::inline v0 {

namespace {

boost::asio::awaitable<std::string> directory(std::shared_ptr<detail::sandbox_core> sandbox, std::string path,
                                              std::string_view operation) {
  auto answer =
      co_await detail::get_from_toolbox<model::directory_answer>(std::move(sandbox), std::move(path), operation);
  co_return std::move(answer.dir);
}

}  // namespace

boost::asio::awaitable<std::string> sandbox::get_user_home_dir() const {
  return directory(core(), "/user-home-dir", "get user home directory");
}

boost::asio::awaitable<std::string> sandbox::get_work_dir() const {
  return directory(core(), "/work-dir", "get working directory path");
}

}  // namespace daytona::inline v0
