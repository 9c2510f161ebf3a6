#pragma once

#include <daytona/client.hpp>

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <string_view>
#include <type_traits>
#include <vector>

/// An example of a public header's comment that is also run, on the local backend: with a client, a sandbox, and in it a session `build`.
struct example {
  std::string_view name;
  std::function<boost::asio::awaitable<void>(daytona::client, daytona::sandbox)> run;
};

std::vector<example> control_examples();
std::vector<example> file_examples();
std::vector<example> process_examples();
std::vector<example> stream_examples();

/// One that takes what it needs of these: a client, a sandbox, both, its process, its files, or nothing.
template <class Run>
example of(std::string_view name, Run run) {
  auto with_both = [run](const daytona::client& client, const daytona::sandbox& sandbox) {
    if constexpr (std::is_invocable_v<Run, daytona::client, daytona::sandbox>)
      return run(client, sandbox);
    else if constexpr (std::is_invocable_v<Run, daytona::client>)
      return run(client);
    else if constexpr (std::is_invocable_v<Run, daytona::sandbox>)
      return run(sandbox);
    else if constexpr (std::is_invocable_v<Run, daytona::process>)
      return run(sandbox.process());
    else if constexpr (std::is_invocable_v<Run, daytona::file_system>)
      return run(sandbox.fs());
    else
      return run();
  };
  return {name, with_both};
}
