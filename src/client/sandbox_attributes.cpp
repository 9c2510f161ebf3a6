#include <daytona/sandbox.hpp>

#include <utility>

#include "client/sandbox_core.hpp"

namespace daytona::inline v0 {

sandbox::sandbox() noexcept = default;
sandbox::sandbox(std::shared_ptr<detail::sandbox_core> core) : core_(std::move(core)) {}

const std::shared_ptr<detail::sandbox_core>& sandbox::core() const {
  if (!core_)
    throw bad_request_error(errc::invalid_argument,
                            "this sandbox handle is empty; assign one that create, get or list gave");
  return core_;
}

std::string sandbox::id() const { return core()->id; }
std::string sandbox::name() const { return core()->data()->name; }
std::string sandbox::organization_id() const { return core()->data()->organization_id; }
std::string sandbox::user() const { return core()->data()->user; }
std::optional<std::string> sandbox::snapshot() const { return core()->data()->snapshot; }
std::optional<daytona::v0::build_info> sandbox::build_info() const { return core()->data()->build_info; }
std::map<std::string, std::string> sandbox::env() const { return core()->data()->env; }
std::map<std::string, std::string> sandbox::labels() const { return core()->data()->labels; }
bool sandbox::is_public() const { return core()->data()->is_public; }
bool sandbox::network_block_all() const { return core()->data()->network_block_all; }
std::optional<std::string> sandbox::network_allow_list() const { return core()->data()->network_allow_list; }
std::optional<std::string> sandbox::domain_allow_list() const { return core()->data()->domain_allow_list; }
std::optional<std::string> sandbox::outbound_proxy_url() const { return core()->data()->outbound_proxy_url; }
std::optional<std::string> sandbox::otel_endpoint_override() const { return core()->data()->otel_endpoint_override; }
std::string sandbox::target() const { return core()->data()->target; }
double sandbox::cpu() const { return core()->data()->cpu; }
double sandbox::gpu() const { return core()->data()->gpu; }
std::optional<std::string> sandbox::gpu_type() const { return core()->data()->gpu_type; }
double sandbox::memory() const { return core()->data()->memory; }
double sandbox::disk() const { return core()->data()->disk; }
std::optional<std::string> sandbox::desired_state() const { return core()->data()->desired_state; }
std::optional<std::string> sandbox::error_reason() const { return core()->data()->error_reason; }
std::optional<bool> sandbox::recoverable() const { return core()->data()->recoverable; }
std::optional<std::string> sandbox::backup_state() const { return core()->data()->backup_state; }
std::optional<std::string> sandbox::backup_created_at() const { return core()->data()->backup_created_at; }
std::optional<std::chrono::minutes> sandbox::auto_stop_interval() const { return core()->data()->auto_stop_interval; }
std::optional<std::chrono::minutes> sandbox::auto_pause_interval() const { return core()->data()->auto_pause_interval; }
std::optional<std::chrono::minutes> sandbox::auto_archive_interval() const {
  return core()->data()->auto_archive_interval;
}
std::optional<std::chrono::minutes> sandbox::auto_delete_interval() const {
  return core()->data()->auto_delete_interval;
}
std::optional<std::string> sandbox::auto_destroy_at() const { return core()->data()->auto_destroy_at; }
std::vector<volume_mount> sandbox::volumes() const { return core()->data()->volumes; }
std::optional<std::string> sandbox::created_at() const { return core()->data()->created_at; }
std::optional<std::string> sandbox::updated_at() const { return core()->data()->updated_at; }
std::optional<std::string> sandbox::last_activity_at() const { return core()->data()->last_activity_at; }
std::optional<std::string> sandbox::sandbox_class() const { return core()->data()->sandbox_class; }
std::optional<std::string> sandbox::daemon_version() const { return core()->data()->daemon_version; }
std::optional<std::chrono::minutes> sandbox::queue_timeout() const { return core()->data()->queue_timeout; }
std::optional<std::string> sandbox::queue_timed_out_at() const { return core()->data()->queue_timed_out_at; }
bool sandbox::spot() const { return core()->data()->spot; }
std::optional<std::string> sandbox::spot_evicted_at() const { return core()->data()->spot_evicted_at; }
bool sandbox::kvm() const { return core()->data()->kvm; }
std::optional<std::string> sandbox::warm_pool_id() const { return core()->data()->warm_pool_id; }
std::optional<std::string> sandbox::runner_id() const { return core()->data()->runner_id; }
std::optional<std::string> sandbox::linked_sandbox_id() const { return core()->data()->linked_sandbox_id; }
std::string sandbox::toolbox_proxy_url() const { return core()->data()->toolbox_proxy_url; }
sandbox_state sandbox::state() const { return model::state_from_text(core()->data()->state); }
std::string sandbox::state_text() const { return core()->data()->state; }

daytona::v0::process sandbox::process() const { return daytona::v0::process(core()); }
daytona::v0::file_system sandbox::fs() const { return daytona::v0::file_system(core()); }
daytona::v0::git sandbox::git() const { return daytona::v0::git(core()); }
daytona::v0::code_interpreter sandbox::code_interpreter() const { return daytona::v0::code_interpreter(core()); }
daytona::v0::computer_use sandbox::computer_use() const { return daytona::v0::computer_use(core()); }

process::process(std::shared_ptr<detail::sandbox_core> core) : process_sessions(std::move(core)) {}
git::git(std::shared_ptr<detail::sandbox_core> core) : core_(std::move(core)) {}
code_interpreter::code_interpreter(std::shared_ptr<detail::sandbox_core> core) : core_(std::move(core)) {}
computer_use::computer_use(std::shared_ptr<detail::sandbox_core> core) : core_(std::move(core)) {}

}  // namespace daytona::inline v0
