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

#include "local/isolation/setup_failure.hpp"

namespace daytona::local {

namespace {

constexpr rlim_t max_processes = 8192;

constexpr std::array kept_capabilities = {
    CAP_CHOWN,   CAP_DAC_OVERRIDE,     CAP_FOWNER,     CAP_FSETID, CAP_KILL,        CAP_SETGID, CAP_SETUID,
    CAP_SETPCAP, CAP_NET_BIND_SERVICE, CAP_SYS_CHROOT, CAP_MKNOD,  CAP_AUDIT_WRITE, CAP_SETFCAP};

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
}

void restrict_capabilities() {
  for (int capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability) {
    if (std::find(kept_capabilities.begin(), kept_capabilities.end(), capability) != kept_capabilities.end()) continue;
    check(::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0), "drop a capability");
  }
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
