#include "local/toolbox/pty/ptys.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <system_error>
#include <utility>

#include "local/http/http_error.hpp"

namespace asio = boost::asio;

namespace daytona::local::toolbox {

using http::http_error;

namespace {

std::size_t text_size(const pty_request& request) {
  constexpr std::size_t beside = 64;
  return request.id.size() + request.cwd.size() + beside + http::size_in_memory(request.envs);
}

}  // namespace

ptys::ptys(const asio::any_io_executor& executor, child_watcher& children, const pty_limits& limits)
    : executor_{executor},
      children_{children},
      limits_{limits},
      texts_{std::make_shared<http::byte_budget>(limits.all_texts)} {}

std::shared_ptr<pty> ptys::create(pty_request request) {
  const std::string id = request.id;
  if (all_.contains(id)) throw http_error{409, "conflict: PTY session with ID '" + id + "' already exists", "CONFLICT"};
  if (all_.size() >= limits_.ptys)
    throw http_error{400,
                     "bad request: there are " + std::to_string(all_.size()) +
                         " PTY sessions, which is the limit of this sandbox: delete one first",
                     "BAD_REQUEST"};
  const auto text = std::make_shared<http::byte_share>(texts_);
  if (!text->take(text_size(request)))
    throw http_error{400,
                     "bad request: the environments of the PTY sessions take the " + std::to_string(texts_->most()) +
                         " bytes that there are for them: delete one first, or send a shorter one",
                     "BAD_REQUEST"};
  const bool starts_now = !request.starts_lazily;
  const auto forget = [weak = weak_from_this(), id, text] {
    if (const auto self = weak.lock()) self->all_.erase(id);
  };
  const auto made = std::make_shared<pty>(executor_, children_, limits_, std::move(request), forget);
  try {
    if (starts_now) made->start();
  } catch (const std::system_error& failure) {
    throw http_error{500, std::string{"internal server error: failed to start PTY session: "} + failure.what()};
  }
  all_[id] = made;
  return made;
}

std::shared_ptr<pty> ptys::find(const std::string& id) const {
  const auto found = all_.find(id);
  return found == all_.end() || found->second->is_ending() ? nullptr : found->second;
}

std::vector<std::shared_ptr<pty>> ptys::all() const {
  std::vector<std::shared_ptr<pty>> found;
  for (const auto& [id, each] : all_)
    if (!each->is_ending()) found.push_back(each);
  return found;
}

asio::awaitable<void> ptys::remove(std::shared_ptr<ptys> self, std::string id) {
  const auto ending = self->find(id);
  if (!ending) throw http_error{404, "not found: PTY session not found", "NOT_FOUND"};
  co_await asio::co_spawn(self->executor_, pty::kill(ending), asio::use_awaitable);
}

void ptys::hang_up() {
  for (const auto& [id, each] : all_) each->hang_up();
}

}  // namespace daytona::local::toolbox
