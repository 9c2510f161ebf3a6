#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "client/client_core.hpp"
#include "model/sandbox.hpp"
#include "net/turnstile.hpp"

namespace daytona::inline v0 {
class sandbox;
}

namespace daytona::inline v0::detail {

/// What the handles of one sandbox share: its client, and the newest data as an immutable snapshot.
struct sandbox_core {
  using data_pointer = std::shared_ptr<const model::sandbox_data>;

  sandbox_core(std::shared_ptr<client_core> owner, data_pointer first);
  sandbox_core(std::shared_ptr<client_core> owner, model::sandbox_data first);

  data_pointer data() const {
    const std::lock_guard lock{mutex_};
    return data_;
  }
  /// Replaces the data; an empty toolbox URL keeps the former one.
  void update(model::sandbox_data newer);
  /// What was remembered for this address of its toolbox; null if that is another one.
  std::shared_ptr<const protocol::base_url> toolbox_at(const std::string& address) const;
  void remember_toolbox(std::string address, std::shared_ptr<const protocol::base_url> base);
  /// How often the sandbox was read anew: waits for the same sandbox share what one of them has read.
  unsigned refreshes() const noexcept { return refreshes_; }
  void count_refresh() noexcept { ++refreshes_; }
  /// A sandbox that the server does not know any more.
  void mark_destroyed();

  static sandbox make(std::shared_ptr<sandbox_core> core);

  const std::shared_ptr<client_core> client;
  const std::string id;
  const code_language language;     ///< As it was when this handle was made: labels may be replaced.
  net::turnstile toolbox_question;  ///< For the address of its toolbox: one asks for all.

 private:
  mutable std::mutex mutex_;
  data_pointer data_;
  std::atomic<unsigned> refreshes_{0};
  std::string toolbox_address_;
  std::shared_ptr<const protocol::base_url> toolbox_;
};

}  // namespace daytona::inline v0::detail
