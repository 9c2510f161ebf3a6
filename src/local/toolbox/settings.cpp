#include "local/toolbox/settings.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <cstdlib>

#include "local/toolbox_settings.hpp"

namespace json = boost::json;

namespace daytona::local::toolbox {

namespace {

template <class Number>
void read_limit(const json::object& object, std::string_view name, Number& limit) {
  const json::value* value = object.if_contains(name);
  json::error_code error;
  if (value == nullptr) return;
  const auto number = value->to_number<Number>(error);
  if (!error) limit = number;
}

}  // namespace

settings::settings() = default;

settings parse_settings(std::string_view text) {
  settings wanted;
  json::error_code error;
  const json::value value = json::parse(text, error);
  const json::object* object = error ? nullptr : value.if_object();
  if (object == nullptr) return wanted;
  if (const json::value* entrypoint = object->if_contains("entrypoint");
      entrypoint != nullptr && entrypoint->is_array())
    for (const auto& argument : entrypoint->get_array())
      if (argument.is_string()) wanted.entrypoint.emplace_back(argument.get_string());
  read_limit(*object, "maxContexts", wanted.interpreter.contexts);
  read_limit(*object, "maxSessions", wanted.sessions.sessions);
  read_limit(*object, "maxLogSize", wanted.sessions.log_size);
  read_limit(*object, "maxLogsSize", wanted.sessions.all_logs_size);
  read_limit(*object, "maxPtys", wanted.ptys.ptys);
  read_limit(*object, "maxPtyClients", wanted.ptys.clients);
  read_limit(*object, "maxPtyBuffer", wanted.ptys.buffer);
  return wanted;
}

settings take_settings() {
  const char* text = std::getenv(toolbox_settings_variable);
  settings wanted = parse_settings(text == nullptr ? "" : text);
  ::unsetenv(toolbox_settings_variable);
  return wanted;
}

}  // namespace daytona::local::toolbox
