#pragma once

#include <boost/json/parse.hpp>

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "backend.hpp"
#include "conversation.hpp"
#include "daytona/config.hpp"
#include "local/control/api.hpp"
#include "local/http/listener.hpp"

namespace daytona::local::test {

struct answer {
  int status = 0;
  boost::json::value body;
  std::string text;
  std::string whole;  ///< With its head.

  std::string_view operator[](std::string_view member) const { return body.as_object().at(member).as_string(); }
};

/// The backend's whole API on a port, over isolation that isolates nothing.
struct api_fixture {
  api_fixture() {
    platform about;
    about.base_url = "http://127.0.0.1:1";
    about.organization_id = "org";
    about.made_at = "2026-01-01T00:00:00.000Z";
    service = std::make_shared<api>(local.all, about, "key", faults)->service();
    listener.start(service);
  }
  ~api_fixture() {
    listener.close();
    run(local.io, sandboxes::shut_down(local.all, true));
  }

  answer ask(std::string_view method, std::string_view path, std::string_view body = {}, std::string_view key = "key") {
    std::string text = std::string{method} + " " + std::string{path} + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
    if (!key.empty()) text += "Authorization: Bearer " + std::string{key} + "\r\n";
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string{body};
    return send(text);
  }

  answer send(std::string text, bool then_leaves = false) {
    answer made;
    made.whole = run(local.io, conversation(listener.endpoint(), std::move(text), then_leaves));
    made.status = status_of(made.whole);
    const auto head_end = made.whole.find("\r\n\r\n");
    if (head_end != std::string::npos) made.text = made.whole.substr(head_end + 4);
    boost::system::error_code ignored;
    made.body = boost::json::parse(made.text, ignored);
    return made;
  }

  daytona::config config() const {
    daytona::config made;
    made.api_url = "http://127.0.0.1:" + std::to_string(listener.endpoint().port()) + "/api";
    made.api_key = "key";
    return made;
  }

  backend local;
  std::shared_ptr<fault_list> faults = std::make_shared<fault_list>();
  std::shared_ptr<const http::service> service;
  http::listener listener{local.io.get_executor(),
                          boost::asio::ip::tcp::endpoint{boost::asio::ip::address_v4::loopback(), 0}};
};

}  // namespace daytona::local::test
