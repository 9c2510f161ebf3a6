#include <daytona/client.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <stdexcept>

#include "pass_on.hpp"
#include "workload.hpp"

namespace daytona::bench {

namespace {

namespace asio = boost::asio;

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

asio::awaitable<void> list_repeatedly(client client, std::size_t calls) {
  for (; calls > 0; --calls) {
    auto all = client.list();
    std::size_t count = 0;
    for (;;) {
      const auto one = co_await all.next();
      if (!one) break;
      if (one->state() == sandbox_state::started) ++count;
    }
    if (count != sandboxes_listed) throw std::runtime_error("not the sandboxes that were sent");
  }
}

asio::awaitable<void> create_and_delete_repeatedly(client client, std::size_t calls) {
  for (; calls > 0; --calls) {
    const auto made = co_await client.create();
    co_await made.remove();
  }
}

class sdk_caller final : public caller {
 public:
  explicit sdk_caller(const setting& wanted, bool over_tls = false)
      : setting_(wanted), client_(config_for(wanted, over_tls)) {
    if (wanted.load == workload::exec) asio::co_spawn(io_, get_target(), pass_on);
    io_.run();
  }

  void run(std::size_t calls) override {
    for (std::size_t i = 0; i < setting_.in_flight; ++i) {
      const auto share = calls / setting_.in_flight + (i < calls % setting_.in_flight ? 1 : 0);
      asio::co_spawn(io_, call_repeatedly(share), pass_on);
    }
    io_.restart();
    io_.run();
  }

 private:
  static config config_for(const setting& wanted, bool over_tls) {
    config settings;
    settings.api_key = "dtn_bench";
    settings.api_url = (over_tls ? "https://127.0.0.1:" + std::to_string(wanted.tls_port)
                                 : "http://127.0.0.1:" + std::to_string(wanted.port)) +
                       "/api";
    settings.tls.ca_pem = wanted.ca_pem;
    return settings;
  }

  asio::awaitable<void> call_repeatedly(std::size_t calls) {
    switch (setting_.load) {
      case workload::exec:
        return exec_repeatedly(target_, calls);
      case workload::list:
        return list_repeatedly(client_, calls);
      case workload::create_delete:
        return create_and_delete_repeatedly(client_, calls);
      case workload::get_small:
      case workload::get_full:
      case workload::reconnect:
        break;
    }
    return get_repeatedly(client_, std::string(body_of(setting_.load)), calls);
  }

  asio::awaitable<void> get_target() { target_ = co_await client_.get(body_of(workload::get_small)); }

  setting setting_;
  asio::io_context io_{1};
  client client_;
  sandbox target_;
};

}  // namespace

std::unique_ptr<caller> make_sdk(const setting& wanted) { return std::make_unique<sdk_caller>(wanted); }
std::unique_ptr<caller> make_sdk_over_tls(const setting& wanted) { return std::make_unique<sdk_caller>(wanted, true); }

}  // namespace daytona::bench
