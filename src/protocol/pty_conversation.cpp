#include "protocol/pty_conversation.hpp"

#include <utility>

#include "model/json_value.hpp"

namespace daytona::protocol {

namespace {

std::string_view text_of(const model::json_value& object, std::string_view name) {
  const auto* const member = object.member(name);
  return member == nullptr ? std::string_view() : member->text().value_or(std::string_view());
}

std::optional<int> exit_code_of(const model::json_value& object) {
  const auto* const member = object.member("exitCode");
  const auto code = member == nullptr ? std::nullopt : member->integer();
  if (!code || !std::in_range<int>(*code)) return std::nullopt;
  return static_cast<int>(*code);
}

}  // namespace

bool pty_conversation::take_text(std::string_view message) {
  if (!message.starts_with('{')) return false;
  const model::json_document document{message};
  if (document.failure() || text_of(document.root(), "type") != "control") return false;
  const auto status = text_of(document.root(), "status");
  if (status == "connected") connected_ = true;
  if (status == "exited") take_end(message);
  if (status == "error") {
    refused_ = true;
    error_ = text_of(document.root(), "error");
  }
  return true;
}

void pty_conversation::take_close(std::optional<std::uint16_t>, std::string_view reason) {
  if (!ended_) take_end(reason);
}

void pty_conversation::take_end(std::string_view json) {
  const model::json_document document{json};
  if (document.failure()) return;
  exit_code_ = exit_code_of(document.root());
  for (const auto* name : {"error", "exitReason"})
    if (const auto why = text_of(document.root(), name); !why.empty()) error_ = why;
  ended_ = ended_ || exit_code_.has_value();
}

}  // namespace daytona::protocol
