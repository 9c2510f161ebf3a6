#include "model/execution.hpp"

#include <limits>
#include <utility>

#include "model/charts.hpp"
#include "model/fields.hpp"

namespace daytona::model {
namespace {

constexpr field_table execute_fields({
    required<&execute_request::command>("command"),
    unless_empty<&execute_request::cwd>("cwd"),
    unless_empty<&execute_request::envs>("envs"),
    member<&execute_request::timeout>("timeout"),
});

constexpr field_table code_run_fields({
    required<&code_run_request::code>("code"),
    required<&code_run_request::language>("language"),
    unless_empty<&code_run_request::argv>("argv"),
    unless_empty<&code_run_request::envs>("envs"),
    member<&code_run_request::timeout>("timeout"),
});

// The answer as it is on the wire; servers that split the streams name them beside the result or among the artifacts.
struct artifacts_answer {
  std::optional<std::string> out;
  std::optional<std::string> err;
  std::vector<any_chart> charts;
};
struct execute_answer {
  std::optional<std::int64_t> exit_code;
  std::optional<std::int64_t> old_exit_code;
  std::string result;
  std::optional<std::string> out;
  std::optional<std::string> err;
  artifacts_answer artifacts;
};

constexpr field_table artifacts_fields({
    member<&artifacts_answer::charts>("charts"),
    member<&artifacts_answer::out>("stdout"),
    member<&artifacts_answer::err>("stderr"),
});
void read(const json_node& node, artifacts_answer& out) { read_fields(node, out, artifacts_fields); }
void write(json_writer& out, const artifacts_answer& artifacts) {
  write_fields<artifacts_answer>(out, artifacts, artifacts_fields);
}

constexpr field_table answer_fields({
    member<&execute_answer::exit_code>("exitCode"),
    required_or_null<&execute_answer::result>("result"),
    member<&execute_answer::artifacts>("artifacts"),
    member<&execute_answer::out>("stdout"),
    member<&execute_answer::err>("stderr"),
    member<&execute_answer::old_exit_code>("code"),
});

}  // namespace

void read(const json_node& node, execute_request& out) { read_fields(node, out, execute_fields); }
void write(json_writer& out, const execute_request& request) {
  write_fields<execute_request>(out, request, execute_fields);
}

void read(const json_node& node, code_run_request& out) { read_fields(node, out, code_run_fields); }
void write(json_writer& out, const code_run_request& request) {
  write_fields<code_run_request>(out, request, code_run_fields);
}

void read(const json_node& node, execute_response& out) {
  execute_answer answer;
  read_fields(node, answer, answer_fields);
  if (node.failed()) return;
  const auto code = answer.exit_code ? answer.exit_code : answer.old_exit_code;
  if (!code) return node.member_missing("exitCode");
  if (!std::in_range<int>(*code)) return node.expect_failed("an exit code");

  out.exit_code = static_cast<int>(*code);
  auto& split_out = answer.out ? answer.out : answer.artifacts.out;
  auto& split_err = answer.err ? answer.err : answer.artifacts.err;
  out.artifacts.stdout_ = split_out ? *std::move(split_out) : answer.result;
  out.artifacts.stderr_ = std::move(split_err);
  out.artifacts.charts = std::move(answer.artifacts.charts);
  out.result = std::move(answer.result);
}

void write(json_writer& out, const execute_response& response) {
  out.begin_object();
  out.member("exitCode", response.exit_code);
  out.member("result", std::string_view(response.result));
  if (!response.artifacts.charts.empty()) {
    out.key("artifacts");
    out.begin_object();
    write_member(out, "charts", response.artifacts.charts);
    out.end_object();
  }
  out.end_object();
}

}  // namespace daytona::model
