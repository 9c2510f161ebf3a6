#include "local/isolation/helper_messages.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>
#include <boost/json/value_to.hpp>

#include <array>

#include "model/utf8.hpp"

namespace json = boost::json;

namespace daytona::local {

namespace {

constexpr std::array<std::string_view, 4> mode_names = {"automatic", "shifted", "userns", "none"};

isolation_mode mode_named(const json::value& name) {
  for (std::size_t n = 0; n < mode_names.size(); ++n)
    if (name.as_string() == mode_names[n]) return static_cast<isolation_mode>(n);
  throw boost::system::system_error{json::error::not_found};
}

std::string text_of(const json::object& object, std::string_view key) {
  return std::string{object.at(key).as_string()};
}

struct request_writer {
  json::object& object;
  void operator()(const start_request& start) const {
    object["do"] = "start";
    object["data"] = start.data_directory.string();
    object["base"] = start.base.string();
    object["cgroup"] = start.cgroup;
    object["isolation"] = to_string(start.isolation);
    object["require"] = start.require;
    object["temporary"] = start.temporary;
  }
  void operator()(const sandbox_launch& launch) const {
    object["do"] = "launch";
    object["id"] = launch.id;
    object["host"] = launch.host_name;
    object["directory"] = launch.directory.string();
    object["environment"] = json::value_from(launch.environment);
    object["memory"] = launch.memory_limit;
    object["cpus"] = launch.cpus;
  }
  void operator()(const stop_request& stop) const {
    object["do"] = "stop";
    object["id"] = stop.id;
    object["grace"] = stop.grace.count();
  }
  void operator()(const remove_request& remove) const {
    object["do"] = "remove";
    object["id"] = remove.id;
    object["directory"] = remove.directory.string();
  }
};

sandbox_launch decode_launch(const json::object& object) {
  sandbox_launch launch;
  launch.id = text_of(object, "id");
  launch.host_name = text_of(object, "host");
  launch.directory = text_of(object, "directory");
  launch.memory_limit = object.at("memory").to_number<std::uint64_t>();
  launch.cpus = object.at("cpus").to_number<double>();
  for (const auto& entry : object.at("environment").as_object())
    launch.environment.emplace(entry.key(), std::string{entry.value().as_string()});
  return launch;
}

}  // namespace

sandbox_launch::sandbox_launch() = default;

std::string_view to_string(isolation_mode mode) { return mode_names.at(static_cast<std::size_t>(mode)); }

std::string encode(const helper_request& request) {
  json::object object;
  object["number"] = request.number;
  std::visit(request_writer{object}, request.what);
  return json::serialize(object);
}

std::string encode(const helper_answer& answer) {
  json::object object;
  object["number"] = answer.number;
  object["id"] = answer.id;
  object["failure"] = model::replace_invalid_utf8(answer.failure);  // it may name a file of a sandbox's
  object["mode"] = to_string(answer.probe.mode);
  object["description"] = answer.probe.description;
  object["limits"] = answer.probe.limits;
  object["failures"] = json::value_from(answer.probe.failures);
  return json::serialize(object);
}

helper_request decode_request(std::string_view text) {
  const json::value value = json::parse(text);
  const json::object& object = value.as_object();
  helper_request request;
  request.number = object.at("number").to_number<std::uint64_t>();
  const std::string what = text_of(object, "do");
  if (what == "start")
    request.what = start_request{text_of(object, "data"),        text_of(object, "base"),
                                 text_of(object, "cgroup"),      mode_named(object.at("isolation")),
                                 object.at("require").as_bool(), object.at("temporary").as_bool()};
  else if (what == "launch")
    request.what = decode_launch(object);
  else if (what == "stop")
    request.what =
        stop_request{text_of(object, "id"), std::chrono::milliseconds{object.at("grace").to_number<std::int64_t>()}};
  else if (what == "remove")
    request.what = remove_request{text_of(object, "id"), text_of(object, "directory")};
  else
    throw boost::system::system_error{json::error::not_found};
  return request;
}

helper_answer decode_answer(std::string_view text) {
  const json::value value = json::parse(text);
  const json::object& object = value.as_object();
  helper_answer answer;
  answer.number = object.at("number").to_number<std::uint64_t>();
  answer.id = text_of(object, "id");
  answer.failure = text_of(object, "failure");
  answer.probe.mode = mode_named(object.at("mode"));
  answer.probe.description = text_of(object, "description");
  answer.probe.limits = text_of(object, "limits");
  answer.probe.failures = json::value_to<std::vector<std::string>>(object.at("failures"));
  return answer;
}

}  // namespace daytona::local
