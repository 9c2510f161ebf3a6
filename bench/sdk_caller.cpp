#include <daytona/client.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <stdexcept>

#include "workload.hpp"

namespace daytona::bench {

namespace {

namespace asio = boost::asio;

void pass_on(std::exception_ptr failure) {
  if (failure) std::rethrow_exception(failure);
}

asio::awaitable<void> get_repeatedly(client client, std::string id, std::size_t calls) {
  for (; calls > 0; --calls) {
    const auto found = co_await client.get(id);
    if (found.state() != sandbox_state::started) throw std::runtime_error("not the sandbox that was asked for");
  }
}

asio::awaitable<void> exec_repeatedly(sandbox target, std::size_t calls) {
  const auto process = target.process();
  for (; calls > 0; --calls) {
    const auto result = co_await process.exec(command);
    if (result.exit_code != 0 || result.result.empty()) throw std::runtime_error("not the result that was sent");
  }
}

class sdk_caller final : public caller {
 public:
  explicit sdk_caller(const setting& wanted) : setting_(wanted), client_(config_for(wanted)) {
    if (wanted.load == workload::exec) asio::co_spawn(io_, get_target(), pass_on);
    io_.run();
  }

  void run(std::size_t calls) override {
    const std::string id(body_of(setting_.load));
    for (std::size_t i = 0; i < setting_.in_flight; ++i) {
      const auto share = calls / setting_.in_flight + (i < calls % setting_.in_flight ? 1 : 0);
      if (setting_.load == workload::exec)
        asio::co_spawn(io_, exec_repeatedly(target_, share), pass_on);
      else
        asio::co_spawn(io_, get_repeatedly(client_, id, share), pass_on);
    }
    io_.restart();
    io_.run();
  }

 private:
  static config config_for(const setting& wanted) {
    config settings;
    settings.api_key = "dtn_bench";
    settings.api_url = "http://127.0.0.1:" + std::to_string(wanted.port) + "/api";
    return settings;
  }

  asio::awaitable<void> get_target() { target_ = co_await client_.get(body_of(workload::get_small)); }

  setting setting_;
  asio::io_context io_{1};
  client client_;
  sandbox target_;
};

}  // namespace

std::unique_ptr<caller> make_sdk(const setting& wanted) { return std::make_unique<sdk_caller>(wanted); }

}  // namespace daytona::bench
