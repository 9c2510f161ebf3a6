#pragma once

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <initializer_list>
#include <stdexcept>
#include <string>
#include <utility>

#include "isolation_fixture.hpp"

namespace daytona::local::test {

/// A member of a request's body.
struct json_member {
  json_member(const char* own_name, const std::string& text) : name{own_name}, value(boost::json::string(text)) {}
  json_member(const char* own_name, const char* text) : json_member{own_name, std::string{text}} {}
  json_member(const char* own_name, bool flag) : name{own_name}, value(flag) {}
  const char* name;
  boost::json::value value;
};

/// A sandbox with a session `s`, and requests to it as the present SDKs send them.
struct session_fixture : isolation_fixture {
  explicit session_fixture(std::string settings = {})
      : sandbox{launch("one", {{"DAYTONA_TOOLBOX_SETTINGS", std::move(settings)}})} {
    const auto made = create("s");
    if (made.status != 201) throw std::runtime_error{"no session: " + std::to_string(made.status) + " " + made.body};
  }

  http_answer request(const std::string& method, const std::string& path, const std::string& body = {}) {
    return run(ask(sandbox, method, "/process/session" + path, body, "X-Daytona-SDK-Version: 0.226.1\r\n"));
  }
  http_answer create(const std::string& id) { return request("POST", "", text({{"sessionId", id}})); }

  /// The answer to a command that is waited for.
  http_answer execute(const std::string& command, const std::string& session = "s") {
    return request("POST", "/" + session + "/exec", text({{"command", command}}));
  }
  /// The path of a command that is not.
  std::string start(const std::string& command, const std::string& session = "s") {
    const auto answer = request("POST", "/" + session + "/exec", text({{"command", command}, {"runAsync", true}}));
    return "/" + session + "/command/" + std::string{answer.json().at("cmdId").as_string()};
  }
  std::string stdout_of(const std::string& command, const std::string& session = "s") {
    return std::string{execute(command, session).json().at("stdout").as_string()};
  }
  /// Once it is known.
  boost::json::value exit_code_of(const std::string& command_path) {
    for (;;) {
      const auto command = request("GET", command_path).json();
      if (const auto* code = command.as_object().if_contains("exitCode")) return *code;
    }
  }
  http_answer input(const std::string& command_path, const std::string& data) {
    return request("POST", command_path + "/input", text({{"data", data}}));
  }
  /// `status code` of an error.
  static std::string told(const http_answer& answer) {
    return std::to_string(answer.status) + " " + std::string{answer.json().at("code").as_string()};
  }

  static std::string text(std::initializer_list<json_member> members) {
    boost::json::object object;
    for (const auto& each : members) object[each.name] = each.value;
    return boost::json::serialize(object);
  }

  toolbox_channel sandbox;
};

}  // namespace daytona::local::test
