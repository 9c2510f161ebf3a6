#include "system_calls.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>

// A program's own functions take the place of the C library's: these count, and call the kernel themselves.
namespace {

using daytona::bench::system_calls;

thread_local system_calls all;  // the callers' threads are one
std::array<system_calls, 1024> by_descriptor;

void count_call(int descriptor, std::size_t system_calls::* kind) noexcept {
  ++(all.*kind);
  if (descriptor >= 0 && static_cast<std::size_t>(descriptor) < by_descriptor.size())
    ++(by_descriptor[static_cast<std::size_t>(descriptor)].*kind);
}

ssize_t received(int descriptor, int flags, long result) noexcept {
  count_call(descriptor, (flags & MSG_PEEK) != 0 ? &system_calls::looks
                         : result < 0            ? &system_calls::empty_receives
                                                 : &system_calls::receives);
  return result;
}

}  // namespace

extern "C" {

ssize_t send(int descriptor, const void* bytes, size_t size, int flags) {
  count_call(descriptor, &system_calls::sends);
  return ::syscall(SYS_sendto, descriptor, bytes, size, flags, nullptr, 0);
}

ssize_t sendmsg(int descriptor, const msghdr* message, int flags) {
  count_call(descriptor, &system_calls::sends);
  return ::syscall(SYS_sendmsg, descriptor, message, flags);
}

ssize_t recv(int descriptor, void* bytes, size_t size, int flags) {
  return received(descriptor, flags, ::syscall(SYS_recvfrom, descriptor, bytes, size, flags, nullptr, nullptr));
}

ssize_t recvmsg(int descriptor, msghdr* message, int flags) {
  return received(descriptor, flags, ::syscall(SYS_recvmsg, descriptor, message, flags));
}

int epoll_wait(int descriptor, epoll_event* events, int size, int timeout) {
  count_call(descriptor, &system_calls::waits);
  return static_cast<int>(::syscall(SYS_epoll_pwait, descriptor, events, size, timeout, nullptr, 8));
}

int epoll_ctl(int descriptor, int operation, int target, epoll_event* event) noexcept {
  count_call(target, &system_calls::settings);
  return static_cast<int>(::syscall(SYS_epoll_ctl, descriptor, operation, target, event));
}

int timerfd_settime(int descriptor, int flags, const itimerspec* next, itimerspec* former) noexcept {
  count_call(descriptor, &system_calls::settings);
  return static_cast<int>(::syscall(SYS_timerfd_settime, descriptor, flags, next, former));
}
}

namespace daytona::bench {

system_calls operator-(const system_calls& after, const system_calls& before) noexcept {
  system_calls between;
  between.sends = after.sends - before.sends;
  between.receives = after.receives - before.receives;
  between.empty_receives = after.empty_receives - before.empty_receives;
  between.looks = after.looks - before.looks;
  between.waits = after.waits - before.waits;
  between.settings = after.settings - before.settings;
  return between;
}

system_calls system_calls_so_far() noexcept { return all; }

system_calls system_calls_on(int descriptor) noexcept { return by_descriptor.at(static_cast<std::size_t>(descriptor)); }

}  // namespace daytona::bench
