#include "client/sandbox_core.hpp"

#include <daytona/sandbox.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

namespace daytona::inline v0::detail {

namespace {

code_language language_of(const model::sandbox_data& data) {
  const auto label = std::ranges::find(data.labels, model::language_label,
                                       [](const auto& one) -> std::string_view { return one.first; });
  if (label == data.labels.end()) return code_language::python;
  return model::language_from_text(label->second).value_or(code_language::python);
}

}  // namespace

sandbox_core::sandbox_core(std::shared_ptr<client_core> owner, data_pointer first)
    : client(std::move(owner)), id(first->id), language(language_of(*first)), data_(std::move(first)) {}

sandbox_core::sandbox_core(std::shared_ptr<client_core> owner, model::sandbox_data first)
    : sandbox_core(std::move(owner), std::make_shared<const model::sandbox_data>(std::move(first))) {}

void sandbox_core::update(model::sandbox_data newer) {
  if (newer.toolbox_proxy_url.empty()) newer.toolbox_proxy_url = data()->toolbox_proxy_url;
  auto next = std::make_shared<const model::sandbox_data>(std::move(newer));
  const std::lock_guard lock{mutex_};
  data_.swap(next);
}

std::shared_ptr<const protocol::base_url> sandbox_core::toolbox_at(const std::string& address) const {
  const std::lock_guard lock{mutex_};
  return toolbox_address_ == address ? toolbox_ : nullptr;
}

void sandbox_core::remember_toolbox(std::string address, std::shared_ptr<const protocol::base_url> base) {
  const std::lock_guard lock{mutex_};
  toolbox_address_ = std::move(address);
  toolbox_ = std::move(base);
}

void sandbox_core::mark_destroyed() {
  auto last = *data();
  last.state = to_string(sandbox_state::destroyed);
  update(std::move(last));
}

sandbox sandbox_core::make(std::shared_ptr<sandbox_core> core) { return sandbox(std::move(core)); }

}  // namespace daytona::inline v0::detail
