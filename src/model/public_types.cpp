// The constructors of the public value types. They are user-provided so that the types are no aggregates: g++ 12
// destroys aggregate temporaries in a co_await expression twice.
#include "daytona/charts.hpp"
#include "daytona/code_interpreter.hpp"
#include "daytona/command_stream.hpp"
#include "daytona/config.hpp"
#include "daytona/execution.hpp"
#include "daytona/file_info.hpp"
#include "daytona/list_sandboxes_query.hpp"
#include "daytona/pool_figures.hpp"
#include "daytona/pty.hpp"
#include "daytona/sandbox_info.hpp"
#include "daytona/sandbox_params.hpp"
#include "daytona/session.hpp"

namespace daytona::inline v0 {

tls_options::tls_options() = default;
proxy_options::proxy_options() = default;
pool_figures::pool_figures() = default;
pool_figures::of_origin::of_origin() = default;
retry_options::retry_options() = default;
config::config() = default;

volume_mount::volume_mount() = default;
resources::resources() = default;
create_sandbox_params::create_sandbox_params() = default;
create_from_snapshot_params::create_from_snapshot_params() = default;
create_from_image_params::create_from_image_params() = default;
list_sandboxes_query::list_sandboxes_query() = default;
build_info::build_info() = default;

exec_options::exec_options() = default;
code_run_params::code_run_params() = default;
execution_artifacts::execution_artifacts() = default;
execute_response::execute_response() = default;

point_data::point_data() = default;
bar_data::bar_data() = default;
pie_data::pie_data() = default;
box_and_whisker_data::box_and_whisker_data() = default;
chart::chart() = default;
chart2d::chart2d() = default;
point_chart::point_chart() = default;
line_chart::line_chart() = default;
scatter_chart::scatter_chart() = default;
bar_chart::bar_chart() = default;
pie_chart::pie_chart() = default;
box_and_whisker_chart::box_and_whisker_chart() = default;
composite_chart::composite_chart() = default;

session_execute_request::session_execute_request() = default;
session_command_options::session_command_options() = default;
wait_session_command_options::wait_session_command_options() = default;
exec_stream_options::exec_stream_options() = default;
follow_options::follow_options() = default;
session_execute_response::session_execute_response() = default;
session::session() = default;

output_message::output_message() = default;
output_message::output_message(std::string text) : output(std::move(text)) {}
execution_error::execution_error() = default;
execution_result::execution_result() = default;
interpreter_context::interpreter_context() = default;
create_context_options::create_context_options() = default;
run_code_options::run_code_options() = default;
execution_event::execution_event() = default;

list_files_options::list_files_options() = default;
delete_file_options::delete_file_options() = default;
set_file_permissions_options::set_file_permissions_options() = default;
file_info::file_info() = default;
match::match() = default;
search_files_response::search_files_response() = default;
replace_result::replace_result() = default;

pty_size::pty_size() = default;
pty_size::pty_size(int row_count, int column_count) : rows(row_count), cols(column_count) {}
create_pty_options::create_pty_options() = default;
pty_session_info::pty_session_info() = default;
pty_result::pty_result() = default;

}  // namespace daytona::inline v0
