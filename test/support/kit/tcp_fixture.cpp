#include "kit/tcp_fixture.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <utility>

namespace daytona::test {

tcp_fixture::tcp_fixture(server_options options) : server_(std::in_place, io(), std::move(options)) {}

tcp_fixture::~tcp_fixture() {
  for (const auto& problem : server().seen().problems) CHECK_MESSAGE(problem.empty(), problem);
  if (client_) client_->close();
  server().stop();
  settle();
}

config tcp_fixture::settings(std::string_view scheme, std::string_view host, std::uint16_t port) {
  config made;
  made.api_key = "key";
  made.api_url = fmt::format("{}://{}:{}/api", scheme, host, port == 0 ? server().port() : port);
  made.retry.max_attempts = 1;
  return made;
}

daytona::client& tcp_fixture::client(const config& settings) {
  if (!client_) client_.emplace(settings);
  return *client_;
}

std::string told(const outcome<sandbox>& end) { return end.failed() ? end.error().message() : std::string(); }

}  // namespace daytona::test
