#include "local/control/base_watch.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <vector>

namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace daytona::local {

namespace {

constexpr std::uint32_t changes = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_MODIFY | IN_ONLYDIR;
constexpr std::array program_folders = {"usr",           "usr/bin",        "usr/sbin",      "usr/lib", "usr/lib64",
                                        "usr/local/bin", "usr/local/sbin", "usr/local/lib", "opt"};
constexpr const char* package_record = "var/lib/dpkg";

std::string failure_text(const fs::path& what) {
  const int error = errno;
  std::string text = what.string() + ": " + std::generic_category().message(error);
  // The limits of a user, which other programs of theirs use, too.
  if (error == ENOSPC) text += "; raise the sysctl fs.inotify.max_user_watches";
  if (error == EMFILE) text += "; raise the sysctl fs.inotify.max_user_instances";
  return text;
}

/// And those for one architecture: /usr/lib/x86_64-linux-gnu.
std::vector<fs::path> library_folders(const fs::path& root) {
  std::vector<fs::path> found;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator{root / "usr/lib", missing})
    if (entry.path().filename().string().find("-linux-gnu") != std::string::npos) found.push_back(entry.path());
  return found;
}

}  // namespace

struct base_watch::state : std::enable_shared_from_this<state> {
  state(const asio::any_io_executor& executor, std::function<void()> told)
      : notices{executor}, changed{std::move(told)} {}

  asio::posix::stream_descriptor notices;
  std::function<void()> changed;
  std::string failure;  ///< Of the first folder that can't be watched.
  int packages = -1;    ///< The watch of dpkg's folder, where a lock changes with every look.

  void watch(const fs::path& root) {
    for (const char* folder : program_folders) add(root / folder);
    for (const auto& folder : library_folders(root)) add(folder);
    packages = add(root / package_record);
  }

  int add(const fs::path& folder) {
    const int watch = ::inotify_add_watch(notices.native_handle(), folder.c_str(), changes);
    // Not every machine has all of them.
    if (watch < 0 && errno != ENOENT && errno != ENOTDIR && failure.empty()) failure = failure_text(folder);
    return watch;
  }

  void wait() {
    notices.async_wait(asio::posix::descriptor_base::wait_read,
                       [self = shared_from_this()](const boost::system::error_code& error) {
                         if (error) return;
                         if (self->read() && self->changed) self->changed();
                         if (self->notices.is_open()) self->wait();
                       });
  }

  /// Whether anything of what came counts.
  bool read() {
    alignas(inotify_event) std::array<char, 16384> bytes{};
    bool counts = false;
    for (ssize_t size = 0; (size = ::read(notices.native_handle(), bytes.data(), bytes.size())) > 0;)
      for (ssize_t at = 0; at < size;) {
        const auto* event = reinterpret_cast<const inotify_event*>(bytes.data() + at);
        const std::string_view name = event->len == 0 ? "" : event->name;
        counts = counts || event->wd != packages || name == "status";
        at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
      }
    return counts;
  }
};

base_watch::base_watch(asio::any_io_executor executor, const fs::path& root, std::function<void()> changed)
    : state_{std::make_shared<state>(executor, std::move(changed))} {
  const int fd = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (fd < 0) {
    failure_ = failure_text("inotify");
    return;
  }
  state_->notices.assign(fd);
  state_->watch(root);
  failure_ = state_->failure;
  state_->wait();
}

base_watch::~base_watch() { close(); }

void base_watch::close() {
  state_->changed = nullptr;
  boost::system::error_code ignored;
  state_->notices.close(ignored);
}

}  // namespace daytona::local
