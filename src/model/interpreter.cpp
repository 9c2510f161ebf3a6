#include "model/interpreter.hpp"

#include "model/fields.hpp"

namespace daytona::model {
namespace {

constexpr field_table run_fields({
    required<&run_code_request::code>("code"),
    unless_empty<&run_code_request::context_id>("contextId"),
    member<&run_code_request::timeout>("timeout"),
    unless_empty<&run_code_request::envs>("envs"),
});
constexpr field_table message_fields({
    required<&interpreter_message::type>("type"),
    member<&interpreter_message::text>("text"),
    member<&interpreter_message::name>("name"),
    member<&interpreter_message::value>("value"),
    member<&interpreter_message::traceback>("traceback"),
});
constexpr field_table create_context_fields({
    unless_empty<&create_context_request::cwd>("cwd"),
    unless_empty<&create_context_request::language>("language"),
});
constexpr field_table context_fields({
    required<&interpreter_context::id>("id"),
    member<&interpreter_context::cwd>("cwd"),
    member<&interpreter_context::created_at>("createdAt"),
    member<&interpreter_context::active>("active"),
    member<&interpreter_context::language>("language"),
});
constexpr field_table context_list_fields({required_or_null<&context_list::contexts>("contexts")});

}  // namespace

void read(const json_node& node, run_code_request& out) { read_fields(node, out, run_fields); }
void write(json_writer& out, const run_code_request& request) {
  write_fields<run_code_request>(out, request, run_fields);
}

void read(const json_node& node, interpreter_message& out) { read_fields(node, out, message_fields); }
void write(json_writer& out, const interpreter_message& message) {
  write_fields<interpreter_message>(out, message, message_fields);
}

void read(const json_node& node, create_context_request& out) { read_fields(node, out, create_context_fields); }
void write(json_writer& out, const create_context_request& request) {
  write_fields<create_context_request>(out, request, create_context_fields);
}

void read(const json_node& node, interpreter_context& out) { read_fields(node, out, context_fields); }
void write(json_writer& out, const interpreter_context& context) {
  write_fields<interpreter_context>(out, context, context_fields);
}

void read(const json_node& node, context_list& out) { read_fields(node, out, context_list_fields); }
void write(json_writer& out, const context_list& list) { write_fields<context_list>(out, list, context_list_fields); }

}  // namespace daytona::model
