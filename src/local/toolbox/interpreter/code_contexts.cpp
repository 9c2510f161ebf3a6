#include "local/toolbox/interpreter/code_contexts.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <system_error>
#include <utility>

#include "local/http/http_error.hpp"
#include "local/toolbox/identifiers.hpp"

namespace asio = boost::asio;

namespace daytona::local::toolbox {

using http::http_error;

code_contexts::code_contexts(const interpreter_surroundings& around) : around_{around} {}

code_contexts::context_ptr code_contexts::create(const std::string& directory) {
  const auto count = contexts_.size() + ending_;
  if (count >= around_.limits.contexts)
    throw http_error{400,
                     "bad request: there are " + std::to_string(count) +
                         " contexts, which is the limit of this sandbox: delete one first",
                     "BAD_REQUEST"};
  try {
    const auto made = code_context::start(around_, new_uuid(), directory);
    contexts_[made->id()] = made;
    return made;
  } catch (const std::system_error& failure) {
    throw http_error{500, std::string{"internal server error: can't start the interpreter: "} + failure.what()};
  }
}

std::vector<code_contexts::context_ptr> code_contexts::all() const {
  std::vector<context_ptr> found;
  found.reserve(contexts_.size());
  for (const auto& [id, each] : contexts_) found.push_back(each);
  return found;
}

code_contexts::context_ptr code_contexts::find(const std::string& id) const {
  const auto found = contexts_.find(id);
  return found == contexts_.end() ? nullptr : found->second;
}

code_contexts::context_ptr code_contexts::default_context() {
  if (!default_) default_ = code_context::start(around_, default_context_id, {});
  return default_;
}

asio::awaitable<void> code_contexts::remove(std::shared_ptr<code_contexts> self, std::string id) {
  if (id == default_context_id)
    throw http_error{400, "bad request: the default context can't be deleted", "BAD_REQUEST"};
  const auto ending = self->find(id);
  if (!ending) throw http_error{404, "not found: context not found: " + id, "NOT_FOUND"};
  self->contexts_.erase(id);
  ++self->ending_;
  // By itself, so that it comes to its end whatever becomes of the client.
  co_await asio::co_spawn(self->executor(), end(self, ending), asio::use_awaitable);
}

asio::awaitable<void> code_contexts::end(std::shared_ptr<code_contexts> self, context_ptr ending) {
  co_await code_context::end(std::move(ending));
  --self->ending_;
}

}  // namespace daytona::local::toolbox
