#include "local/isolation/hardening.hpp"

#include <grp.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "local/isolation/hardening_lists.hpp"
#include "local/isolation/setup_failure.hpp"
#include "local/isolation/system_call_filter.hpp"

namespace daytona::local {

namespace {

void limit(int resource, rlim_t most, const char* what) {
  rlimit now{};
  check(::getrlimit(static_cast<__rlimit_resource_t>(resource), &now), what);
  now.rlim_max = std::min(now.rlim_max, most);
  now.rlim_cur = std::min(now.rlim_cur, now.rlim_max);
  check(::setrlimit(static_cast<__rlimit_resource_t>(resource), &now), what);
}

/// Permitted, effective and inheritable become `mask`: none, or one capability below 32.
void set_capabilities(std::uint32_t mask) {
  __user_cap_header_struct header{};
  header.version = _LINUX_CAPABILITY_VERSION_3;
  std::array<__user_cap_data_struct, 2> data{};
  data[0] = {mask, mask, mask};
  check(::syscall(SYS_capset, &header, data.data()), "capset");
}

}  // namespace

void restrict_resources() {
  // Not every kernel has keyrings; one without has nothing to hide either.
  ::syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr);
  limit(RLIMIT_CORE, 0, "limit core files");
  limit(RLIMIT_NPROC, max_processes, "limit processes");
  limit(RLIMIT_NOFILE, max_open_files, "limit open files");
}

void become_namespace_owner(uid_t owner) {
  limit(RLIMIT_NPROC, max_processes, "limit processes");
  // The saved id stays root's, and with it the capabilities; only those in force are lost, and taken back.
  check(::setresuid(owner, owner, 0), "become the owner of the namespace");
  __user_cap_header_struct header{};
  header.version = _LINUX_CAPABILITY_VERSION_3;
  std::array<__user_cap_data_struct, 2> data{};
  check(::syscall(SYS_capget, &header, data.data()), "capget");
  for (auto& half : data) half.effective = half.permitted;
  check(::syscall(SYS_capset, &header, data.data()), "capset");
}

void restrict_capabilities() {
  for (int capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability) {
    const bool kept =
        std::ranges::any_of(kept_capabilities(), [&](const auto& each) { return each.number == capability; });
    if (kept) continue;
    check(::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0), "drop a capability");
  }
}

void restrict_system_calls(const system_call_filter& filter, const id_map& ids) {
  // Where there is no root inside, a set-user-id program has nothing to give.
  if (ids.mode != isolation_mode::shifted) check(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
  filter.install();
}

void become_sandbox_user(const id_map& ids) {
  if (ids.mode != isolation_mode::shifted) {
    set_capabilities(0);
    return;
  }
  const gid_t group = sandbox_uid;
  check(::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), "keep capabilities");
  check(::setgroups(1, &group), "setgroups");
  check(::setresgid(sandbox_uid, sandbox_uid, sandbox_uid), "setresgid");
  check(::setresuid(sandbox_uid, sandbox_uid, sandbox_uid), "setresuid");
  set_capabilities(1U << CAP_KILL);
  check(::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0), "keep the capability to end processes");
}

}  // namespace daytona::local
