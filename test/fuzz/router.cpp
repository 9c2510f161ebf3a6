// A path, and which of the backend's routes it leads to: the first line of the input is the method, the rest the path as it was sent.
#include "local/http/router.hpp"

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "fuzz.hpp"
#include "local/http/target.hpp"

namespace {

using namespace daytona::local;
using daytona::fuzz::hold;

/// Routes of the backend's kinds, where several fit one path; the more literal one stands first.
constexpr auto patterns = std::to_array<std::string_view>({
    "/",
    "/sandbox",
    "/sandbox/paginated",
    "/sandbox/{id}",
    "/sandbox/{id}/start",
    "/sandbox/{id}/{action}",
    "/sandbox/{id}/autostop/{interval}",
    "/toolbox/{id}/toolbox/files/download",
    "/toolbox/{id}/toolbox/process/session/{session}",
    "/{other}/paginated",
});

/// Never called: it tells the routes apart.
struct handler {
  std::size_t number;
  boost::asio::awaitable<void> operator()(http::exchange&, http::path_parameters) const { std::abort(); }
};

const http::router& routes() {
  static const auto made = [] {
    http::router router;
    for (std::size_t n = patterns.size(); n-- > 0;) router.add("GET", patterns[n], handler{n});
    return router;
  }();
  return made;
}

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  for (std::size_t begin = 0; begin < path.size();) {
    const auto end = std::min(path.find('/', begin), path.size());
    if (end > begin) segments.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return segments;
}

/// The parameters of `path` by `pattern`, if it fits.
std::optional<http::path_parameters> fit(std::string_view pattern, std::string_view path) {
  const auto wanted = split(pattern), given = split(path);
  if (wanted.size() != given.size()) return std::nullopt;
  http::path_parameters parameters;
  for (std::size_t n = 0; n < wanted.size(); ++n) {
    auto text = http::percent_decoded(given[n]);
    if (!text) return std::nullopt;
    if (wanted[n].front() == '{')
      parameters.push_back(*std::move(text));
    else if (*text != wanted[n])
      return std::nullopt;
  }
  return parameters;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = daytona::fuzz::text_of(data, size);
  const auto method = input.substr(0, input.find('\n'));
  const auto path = input.substr(std::min(input.size(), method.size() + 1));
  const auto found = routes().find(method, path);
  if (method != "GET") {
    hold(!found);
    return 0;
  }
  for (std::size_t n = 0; n < patterns.size(); ++n) {
    const auto parameters = fit(patterns[n], path);
    if (!parameters) continue;
    hold(found.has_value() && found->handler->target<handler>()->number == n);
    hold(found->parameters == *parameters);
    return 0;
  }
  hold(!found);
  return 0;
}
