#include "model/pty.hpp"

#include "model/fields.hpp"

namespace daytona::model {
namespace {

constexpr field_table create_pty_fields({
    required<&create_pty_request::id>("id"),
    unless_empty<&create_pty_request::cwd>("cwd"),
    unless_empty<&create_pty_request::envs>("envs"),
    member<&create_pty_request::cols>("cols"),
    member<&create_pty_request::rows>("rows"),
});
constexpr field_table resize_fields({
    required<&resize_pty_request::cols>("cols"),
    required<&resize_pty_request::rows>("rows"),
});
constexpr field_table info_fields({
    required<&pty_session_info::id>("id"),
    member<&pty_session_info::cwd>("cwd"),
    member<&pty_session_info::envs>("envs"),
    member<&pty_session_info::cols>("cols"),
    member<&pty_session_info::rows>("rows"),
    member<&pty_session_info::created_at>("createdAt"),
    member<&pty_session_info::active>("active"),
    member<&pty_session_info::lazy_start>("lazyStart"),
});
constexpr field_table pty_list_fields({required_or_null<&pty_session_list::sessions>("sessions")});

}  // namespace

void read(const json_node& node, create_pty_request& out) { read_fields(node, out, create_pty_fields); }
void write(json_writer& out, const create_pty_request& request) {
  write_fields<create_pty_request>(out, request, create_pty_fields);
}

void read(const json_node& node, resize_pty_request& out) { read_fields(node, out, resize_fields); }
void write(json_writer& out, const resize_pty_request& request) {
  write_fields<resize_pty_request>(out, request, resize_fields);
}

void read(const json_node& node, pty_session_info& out) { read_fields(node, out, info_fields); }
void write(json_writer& out, const pty_session_info& info) { write_fields<pty_session_info>(out, info, info_fields); }

void read(const json_node& node, pty_session_list& out) { read_fields(node, out, pty_list_fields); }
void write(json_writer& out, const pty_session_list& list) {
  write_fields<pty_session_list>(out, list, pty_list_fields);
}

}  // namespace daytona::model
