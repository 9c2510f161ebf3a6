#include "local/toolbox/session/sessions.hpp"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <exception>
#include <system_error>
#include <utility>

#include "local/http/http_error.hpp"
#include "local/toolbox/session/entrypoint.hpp"

namespace asio = boost::asio;

namespace daytona::local::toolbox {

namespace {

using http::http_error;

constexpr std::size_t longest_folder_name = 255;

http_error no_session() { return http_error{404, "not found: session not found", "NOT_FOUND"}; }

void check_session_id(const std::string& id, const std::string& folder_name) {
  constexpr const char* code = "INVALID_REQUEST_BODY";
  if (id.empty()) throw http_error{400, "invalid body request: sessionId is required", code};
  if (id == entrypoint_session_id)
    throw http_error{400, "bad request: provided session ID is reserved and cannot be created/overridden",
                     "BAD_REQUEST"};
  if (id.find('\0') != std::string::npos)
    throw http_error{400, "invalid body request: sessionId must not contain NUL", code};
  if (folder_name.size() > longest_folder_name)
    throw http_error{400, "invalid body request: sessionId is too long", code};
}

}  // namespace

sessions::sessions(const asio::any_io_executor& executor, child_watcher& children, const settings& wanted,
                   std::filesystem::path folder)
    : executor_{executor},
      children_{children},
      limits_{wanted.sessions},
      toolbox_{wanted.toolbox},
      folder_{std::move(folder)},
      budget_{std::make_shared<log_budget>(wanted.sessions)},
      removed_{executor} {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
  if (wanted.entrypoint.empty()) return;
  try {
    const auto own = folder_ / entrypoint_session_id / entrypoint_command_id;
    entrypoint_ = start_entrypoint(executor_, children_, wanted.entrypoint, own, budget_);
  } catch (const std::system_error&) {
    // A sandbox whose disk takes no log has no entrypoint, and is still a sandbox.
  }
}

std::shared_ptr<session> sessions::create(const std::string& id, const std::string& directory) {
  const std::string name = folder_name_of(id);
  check_session_id(id, name);
  if (places_.contains(id)) throw http_error{409, "conflict: session already exists", "CONFLICT"};
  if (places_.size() >= limits_.sessions)
    throw http_error{400,
                     "bad request: there are " + std::to_string(places_.size()) +
                         " sessions, which is the limit of this sandbox: delete one first",
                     "BAD_REQUEST"};
  try {
    auto made = session::start(executor_, children_, id, folder_ / name, toolbox_, directory, budget_);
    places_[id].what = made;
    return made;
  } catch (const std::system_error& failure) {
    throw http_error{500, std::string{"internal server error: can't create the session: "} + failure.what()};
  }
}

std::shared_ptr<session> sessions::get(const std::string& id) const {
  const auto found = places_.find(id);
  if (found == places_.end() || found->second.is_ending) throw no_session();
  return found->second.what;
}

std::vector<std::shared_ptr<session>> sessions::all() const {
  std::vector<std::shared_ptr<session>> found;
  for (const auto& [id, each] : places_)
    if (!each.is_ending) found.push_back(each.what);
  return found;
}

asio::awaitable<void> sessions::remove(std::shared_ptr<sessions> self, std::string id) {
  const auto ending = self->get(id);
  self->places_[id].is_ending = true;
  // By itself, so that it comes to its end whatever becomes of the client, who is answered whatever comes of it.
  asio::co_spawn(self->executor_, session::end(ending), [self, id](std::exception_ptr) { self->forget(id); });
  while (self->places_.contains(id) && self->places_[id].what == ending) co_await self->removed_.next();
}

void sessions::forget(const std::string& id) {
  places_.erase(id);
  removed_.tell();
}

std::shared_ptr<session_command> sessions::entrypoint() const {
  if (!entrypoint_) throw no_session();
  return entrypoint_;
}

std::shared_ptr<session_command> sessions::command(const std::string& session_id, const std::string& command_id) const {
  if (session_id == entrypoint_session_id) {
    const auto only = entrypoint();
    if (command_id == only->id()) return only;
  } else if (const auto found = get(session_id)->find(command_id)) {
    return found;
  }
  throw http_error{404, "not found: command not found", "NOT_FOUND"};
}

}  // namespace daytona::local::toolbox
