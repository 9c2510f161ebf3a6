#include "local/isolation/system_call_filter.hpp"

#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "local/isolation/setup_failure.hpp"
#include "local/isolation/unique_fd.hpp"

namespace daytona::local {

namespace {

constexpr std::uint64_t lower_half = 0xFFFFFFFF;
constexpr std::uint64_t top_bit = 0x80000000;

using context = std::unique_ptr<void, void (*)(scmp_filter_ctx)>;

// libseccomp returns a negative error number.
void check_call(int result, const std::string& step) {
  if (result < 0) throw setup_failure(step, -result);
}

int number_of(std::string_view name) {
  // Newer than the library knows.
  if (name == "open_tree_attr") return 467;
  return ::seccomp_syscall_resolve_name(std::string{name}.c_str());
}

class rules {
 public:
  rules(scmp_filter_ctx filter, const refused_call& call)
      : filter_{filter}, call_{call}, number_{number_of(call.name)} {}

  void add() const {
    if (number_ == __NR_SCMP_ERROR) return;  // not of this architecture
    switch (call_.when) {
      case refused_when::always:
        return check_call(::seccomp_rule_add_array(filter_, action(), number_, 0, nullptr), step());
      case refused_when::any_bit:
        return add_bits();
      case refused_when::equal:
        return refuse({call_.argument, SCMP_CMP_MASKED_EQ, lower_half, call_.value});
      case refused_when::above:
        return refuse({call_.argument, SCMP_CMP_GT, call_.value, 0});
      case refused_when::other_bits:
        return add_other_bits();
    }
  }

 private:
  std::uint32_t action() const { return SCMP_ACT_ERRNO(static_cast<std::uint32_t>(call_.error)); }
  std::string step() const { return "filter " + std::string{call_.name}; }

  void refuse(scmp_arg_cmp condition) const {
    check_call(::seccomp_rule_add_array(filter_, action(), number_, 1, &condition), step());
  }
  void refuse_if(std::uint64_t looked_at, std::uint64_t set) const {
    refuse({call_.argument, SCMP_CMP_MASKED_EQ, looked_at, set});
  }

  void add_bits() const {
    for (std::uint64_t bit = 1; bit <= top_bit; bit <<= 1U)
      if ((call_.value & bit) != 0) refuse_if(bit, bit);
  }

  // A filter can compare bits, but not say "unless". Of the other bits in a ring, some are set and some are not exactly if one is set whose neighbour
  // is not; and if all of them are set, it is the question only if the plain ones are, too.
  void add_other_bits() const {
    std::uint64_t first = 0;
    std::uint64_t before = 0;
    for (std::uint64_t bit = 1; bit <= top_bit; bit <<= 1U) {
      if ((call_.value & bit) != 0) continue;
      if (before != 0) refuse_if(before | bit, before);
      if (first == 0) first = bit;
      before = bit;
    }
    refuse_if(before | first, before);
    for (std::uint64_t bit = 1; bit <= top_bit; bit <<= 1U)
      if ((call_.value & bit) != 0) refuse_if(first | bit, first);
  }

  scmp_filter_ctx filter_;
  const refused_call& call_;
  int number_;
};

std::vector<sock_filter> compiled(scmp_filter_ctx filter) {
  const unique_fd file{check(::memfd_create("filter", MFD_CLOEXEC), "memfd_create")};
  check_call(::seccomp_export_bpf(filter, file.get()), "compile the filter");
  struct stat status{};
  check(::fstat(file.get(), &status), "stat the filter");
  std::vector<sock_filter> program(static_cast<std::size_t>(status.st_size) / sizeof(sock_filter));
  const auto size =
      check(::pread(file.get(), program.data(), program.size() * sizeof(sock_filter), 0), "read the filter");
  if (size != status.st_size) throw setup_failure("read the filter", EIO);
  return program;
}

}  // namespace

system_call_filter::system_call_filter(std::span<const refused_call> refused) {
  const context filter{::seccomp_init(SCMP_ACT_ALLOW), &::seccomp_release};
  if (!filter) throw setup_failure("make a filter", ENOMEM);
  check_call(::seccomp_attr_set(filter.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS), "filter architectures");
  check_call(::seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2), "sort the filter");
  for (const auto& call : refused) rules{filter.get(), call}.add();
  program_ = compiled(filter.get());
}

void system_call_filter::install() const {
  const sock_fprog program{static_cast<unsigned short>(program_.size()), const_cast<sock_filter*>(program_.data())};
  check(::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program), "refuse system calls");
}

}  // namespace daytona::local
