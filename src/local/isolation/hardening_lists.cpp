#include "local/isolation/hardening_lists.hpp"

#include <linux/capability.h>
#include <linux/personality.h>
#include <linux/sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cerrno>

namespace daytona::local {

namespace {

#define CAPABILITY(name) \
  kept_capability { name, #name }
constexpr std::array capabilities = {
    CAPABILITY(CAP_CHOWN),      CAPABILITY(CAP_DAC_OVERRIDE), CAPABILITY(CAP_FOWNER),
    CAPABILITY(CAP_FSETID),     CAPABILITY(CAP_KILL),         CAPABILITY(CAP_SETGID),
    CAPABILITY(CAP_SETUID),     CAPABILITY(CAP_SETPCAP),      CAPABILITY(CAP_NET_BIND_SERVICE),
    CAPABILITY(CAP_SYS_CHROOT), CAPABILITY(CAP_MKNOD),        CAPABILITY(CAP_AUDIT_WRITE),
    CAPABILITY(CAP_SETFCAP)};
#undef CAPABILITY

constexpr std::uint64_t namespace_flags =
    CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
constexpr std::string_view namespace_note = "a CLONE_NEW… flag";

// Without them gdb could not switch off the randomizing of addresses, and `setarch` not change what uname says.
constexpr std::uint64_t plain_personalities = ADDR_NO_RANDOMIZE | UNAME26 | PER_LINUX32;

constexpr std::array calls = {
    // The kernel and the machine.
    refused_call{"kexec_load", EPERM},
    refused_call{"kexec_file_load", EPERM},
    refused_call{"init_module", EPERM},
    refused_call{"finit_module", EPERM},
    refused_call{"delete_module", EPERM},
    refused_call{"reboot", EPERM},
    refused_call{"swapon", EPERM},
    refused_call{"swapoff", EPERM},
    refused_call{"settimeofday", EPERM},
    refused_call{"clock_settime", EPERM},
    refused_call{"quotactl", EPERM},
    refused_call{"quotactl_fd", EPERM},
    refused_call{"acct", EPERM},
    refused_call{"iopl", EPERM},
    refused_call{"ioperm", EPERM},
    refused_call{"syslog", EPERM},  // the machine's kernel messages
    refused_call{"vhangup", EPERM},
    // Parts of the kernel where most of its flaws were, and that programs do without.
    refused_call{"bpf", EPERM},
    refused_call{"perf_event_open", EPERM},
    refused_call{"userfaultfd", ENOSYS},
    refused_call{"io_uring_setup", ENOSYS},
    refused_call{"io_uring_enter", ENOSYS},
    refused_call{"io_uring_register", ENOSYS},
    refused_call{"fanotify_init", EPERM},
    refused_call{"lookup_dcookie", EPERM},
    refused_call{"uselib", ENOSYS},
    refused_call{"_sysctl", ENOSYS},
    // Keys belong to users of the machine.
    refused_call{"keyctl", ENOSYS},
    refused_call{"add_key", ENOSYS},
    refused_call{"request_key", ENOSYS},
    // Mounts, and ways around them.
    refused_call{"mount", EPERM},
    refused_call{"umount2", EPERM},
    refused_call{"pivot_root", EPERM},
    refused_call{"open_tree", EPERM},
    refused_call{"open_tree_attr", EPERM},
    refused_call{"move_mount", EPERM},
    refused_call{"fsopen", EPERM},
    refused_call{"fsconfig", EPERM},
    refused_call{"fsmount", EPERM},
    refused_call{"fspick", EPERM},
    refused_call{"mount_setattr", EPERM},
    refused_call{"open_by_handle_at", EPERM},
    // Namespaces inside: the way to all that only their owner may do.
    refused_call{"unshare", EPERM, refused_when::any_bit, 0, namespace_flags | CLONE_NEWTIME, namespace_note},
    refused_call{"clone", EPERM, refused_when::any_bit, 0, namespace_flags, namespace_note},
    refused_call{"clone3", ENOSYS},  // its flags lie in memory, where no filter sees them: libc takes clone instead
    refused_call{"setns", EPERM},
    // Executable data, a mapped page 0, and systems of long ago.
    refused_call{"personality", EPERM, refused_when::other_bits, 0, plain_personalities,
                 "anything but ADDR_NO_RANDOMIZE, UNAME26, PER_LINUX32"},
    // Sockets: local, IP and netlink are what programs use. Above AF_NETLINK are AF_PACKET, AF_ALG, AF_VSOCK, AF_XDP …
    refused_call{"socket", EPERM, refused_when::above, 0, AF_NETLINK, "a family above AF_NETLINK"},
    refused_call{"socket", EPERM, refused_when::equal, 0, AF_AX25, "AF_AX25"},
    refused_call{"socket", EPERM, refused_when::equal, 0, AF_IPX, "AF_IPX"},
    refused_call{"socket", EPERM, refused_when::equal, 0, AF_APPLETALK, "AF_APPLETALK"},
    refused_call{"socket", EPERM, refused_when::equal, 0, AF_NETROM, "AF_NETROM"},
    refused_call{"socket", EPERM, refused_when::equal, 0, AF_ATMPVC, "AF_ATMPVC"},
    refused_call{"socket", EPERM, refused_when::equal, 0, AF_X25, "AF_X25"},
    refused_call{"socket", EPERM, refused_when::equal, 0, AF_ROSE, "AF_ROSE"},
    refused_call{"socket", EPERM, refused_when::equal, 0, AF_DECnet, "AF_DECnet"},
    refused_call{"socket", EPERM, refused_when::equal, 0, AF_KEY, "AF_KEY"},
    // Input put into a terminal as if it had been typed.
    refused_call{"ioctl", EPERM, refused_when::equal, 1, TIOCSTI, "TIOCSTI"},
    refused_call{"ioctl", EPERM, refused_when::equal, 1, TIOCLINUX, "TIOCLINUX"},
};

constexpr std::array read_only = {"proc/sys", "proc/sysrq-trigger", "proc/irq", "proc/bus", "proc/fs"};

constexpr std::array hidden = {
    "proc/acpi",          "proc/kcore",       "proc/key-users", "proc/keys",       "proc/kmsg",
    "proc/latency_stats", "proc/sched_debug", "proc/scsi",      "proc/timer_list", "sys/devices/virtual/powercap",
    "sys/firmware"};

template <class List, class Text>
std::string joined(const List& list, Text text) {
  std::string all;
  for (const auto& each : list) all += (all.empty() ? "" : ", ") + std::string{text(each)};
  return all;
}

}  // namespace

std::span<const kept_capability> kept_capabilities() { return capabilities; }
std::span<const refused_call> refused_calls() { return calls; }
std::span<const char* const> read_only_paths() { return read_only; }
std::span<const char* const> hidden_paths() { return hidden; }

std::string to_string(const refused_call& call) {
  std::string text{call.name};
  if (!call.note.empty()) text += " (" + std::string{call.note} + ")";
  return text + (call.error == ENOSYS ? ": ENOSYS" : ": EPERM");
}

std::uint64_t allowed_open_files() noexcept {
  rlimit limits{};
  const bool is_less = ::getrlimit(RLIMIT_NOFILE, &limits) == 0 && limits.rlim_max < max_open_files;
  return is_less ? limits.rlim_max : max_open_files;
}

std::string hardening_text() {
  const auto path = [](const char* name) { return std::string{"/"} + name; };
  return "capabilities that root inside can have: " + joined(capabilities, [](const auto& each) { return each.name; }) +
         "\nsystem calls refused: " + joined(calls, [](const auto& each) { return to_string(each); }) +
         "\nsystem calls of another architecture (32-bit programs): end the program" +
         "\nread-only: " + joined(read_only, path) + "\nhidden: " + joined(hidden, path) +
         "\nlimits: " + std::to_string(max_processes) + " processes, " + std::to_string(allowed_open_files()) +
         " open files a process, no core files\n";
}

}  // namespace daytona::local
