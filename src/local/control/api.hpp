#pragma once

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>

#include "local/control/faults.hpp"
#include "local/control/platform.hpp"
#include "local/control/sandboxes.hpp"
#include "local/control/toolbox_proxy.hpp"
#include "local/http/body_share.hpp"
#include "local/http/router.hpp"
#include "local/http/service.hpp"

namespace daytona::local {

/// Answers every request that reaches the backend's port: the main API below `/api`, the toolboxes below `/toolbox`.
class api : public std::enable_shared_from_this<api> {
 public:
  api(std::shared_ptr<sandboxes> sandboxes, platform platform, std::string key,
      std::shared_ptr<fault_list> faults = std::make_shared<fault_list>());

  /// The service to listen with; it shares ownership of this object.
  std::shared_ptr<const http::service> service();

 private:
  static boost::asio::awaitable<void> answer(std::shared_ptr<api> self, http::exchange& exchange);
  boost::asio::awaitable<void> carry_out(http::exchange& exchange) const;
  boost::asio::awaitable<void> answer_disturbed(http::exchange& exchange, fault what) const;
  static http::response error_answer(const http::http_error& error, const http::request_head* head);
  void add_routes();
  void add_sandbox_routes();
  bool authenticated(const http::request_head& head) const;

  std::shared_ptr<sandboxes> sandboxes_;
  platform platform_;
  std::string key_;
  toolbox_proxy toolbox_proxy_;
  std::shared_ptr<fault_list> faults_;
  http::budget_ptr bodies_;
  http::router fault_routes_;
  http::router public_routes_;
  http::router routes_;
};

}  // namespace daytona::local
