#include <doctest/doctest.h>
#include <linux/personality.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "local/isolation/hardening_lists.hpp"
#include "local/isolation/system_call_filter.hpp"

namespace daytona::local::test {

namespace {

/// A system call to be made, with the one argument that matters.
struct attempt {
  std::string name;
  int number = 0;
  unsigned argument = 0;
  std::uint64_t value = 0;
  int expected = 0;
};

int number_of(std::string_view name) {
  return name == "open_tree_attr" ? 467 : ::seccomp_syscall_resolve_name(std::string{name}.c_str());
}

/// The values of its argument that an entry of the list must refuse.
std::vector<std::uint64_t> refused_values(const refused_call& call) {
  constexpr std::uint64_t high = 1ULL << 32U;  // the kernel looks at the lower half of an int
  std::vector<std::uint64_t> values;
  switch (call.when) {
    case refused_when::always:
      return {0};
    case refused_when::equal:
      return {call.value, call.value | high};
    case refused_when::above:
      return {call.value + 1, AF_ALG, AF_VSOCK, AF_XDP, high | AF_PACKET};
    case refused_when::any_bit:
      for (unsigned bit = 0; bit < 32; ++bit)
        if ((call.value >> bit & 1U) != 0) values.push_back(1ULL << bit);
      values.push_back(call.value);
      return values;
    case refused_when::other_bits:
      for (unsigned bit = 0; bit < 32; ++bit)
        if ((call.value >> bit & 1U) == 0) values.push_back(1ULL << bit);
      values.insert(values.end(), {0xFFFFFFFF & ~call.value, 0xFFFFFFFF & ~static_cast<std::uint64_t>(UNAME26),
                                   high | READ_IMPLIES_EXEC});
      return values;
  }
  return values;
}

std::vector<attempt> refused_attempts() {
  std::vector<attempt> all;
  for (const auto& call : refused_calls())
    for (const auto value : refused_values(call))
      all.push_back({to_string(call), number_of(call.name), call.argument, value, call.error});
  return all;
}

int made(const attempt& what) {
  long arguments[3] = {0, 0, 0};
  arguments[what.argument] = static_cast<long>(what.value);
  const long result = ::syscall(what.number, arguments[0], arguments[1], arguments[2], 0, 0, 0);
  if (result == 0 && what.number == SYS_clone) ::_exit(0);  // as the clone
  return result < 0 ? errno : 0;
}

/// Makes the calls in a child of their own, under the filter of `list`. No capability is taken away: what is refused, the filter refuses.
std::vector<int> outcomes(const std::vector<attempt>& attempts, std::span<const refused_call> list) {
  const system_call_filter filter{list};
  int report[2] = {-1, -1};
  REQUIRE(::pipe(report) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::setsid();
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    filter.install();
    std::vector<int> results;
    for (const auto& each : attempts) results.push_back(made(each));
    [[maybe_unused]] const auto written = ::write(report[1], results.data(), results.size() * sizeof(int));
    ::_exit(0);
  }
  ::close(report[1]);
  std::vector<int> results(attempts.size(), -1);
  const auto size = ::read(report[0], results.data(), results.size() * sizeof(int));
  ::close(report[0]);
  ::waitpid(child, nullptr, 0);
  REQUIRE(size == static_cast<ssize_t>(results.size() * sizeof(int)));
  return results;
}

/// How a child ends that makes one call under the filter.
int ending_of(long number) {
  const system_call_filter filter{refused_calls()};
  const pid_t child = ::fork();
  if (child == 0) {
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    filter.install();
    ::syscall(number, 0, 0, 0, 0, 0, 0);
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

}  // namespace

TEST_CASE("escape: the filter refuses each system call of the list, in every form of its argument, whoever makes it") {
  const auto attempts = refused_attempts();

  const auto results = outcomes(attempts, refused_calls());

  CHECK(attempts.size() > 100);
  for (std::size_t n = 0; n < attempts.size(); ++n) {
    INFO(attempts[n].name << ", argument " << attempts[n].value);
    CHECK(attempts[n].number != __NR_SCMP_ERROR);
    CHECK(results[n] == attempts[n].expected);
  }
}

TEST_CASE("the filter lets the harmless forms of what it refuses through") {
  const auto call = [](const char* name, long number, unsigned argument, std::uint64_t value) {
    return attempt{name, static_cast<int>(number), argument, value, 0};
  };
  const std::vector<attempt> attempts = {call("unshare files", SYS_unshare, 0, CLONE_FILES | CLONE_FS),
                                         call("ask for the personality", SYS_personality, 0, 0xFFFFFFFF),
                                         call("personality of gdb", SYS_personality, 0, ADDR_NO_RANDOMIZE),
                                         call("personality", SYS_personality, 0, 0),
                                         call("local socket", SYS_socket, 0, AF_UNIX),
                                         call("IPv4 socket", SYS_socket, 0, AF_INET),
                                         call("IPv6 socket", SYS_socket, 0, AF_INET6),
                                         call("netlink socket", SYS_socket, 0, AF_NETLINK),
                                         call("ioctl", SYS_ioctl, 1, TIOCGWINSZ)};

  const auto results = outcomes(attempts, refused_calls());

  for (std::size_t n = 0; n < attempts.size(); ++n) {
    INFO(attempts[n].name);
    // A socket of type 0 is not known, and a pipe is no terminal: the kernel said so, and not the filter.
    CHECK(results[n] != EPERM);
    CHECK(results[n] != ENOSYS);
  }
}

#ifdef __x86_64__
TEST_CASE("escape: system calls by the numbers of another architecture end the program") {
  constexpr long x32 = 0x40000000;

  const int status = ending_of(x32 | SYS_keyctl);

  REQUIRE(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGSYS);
}
#endif

}  // namespace daytona::local::test
