#include "local/control/base_command.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include "local/control/interruptible_command.hpp"
#include "local/isolation/base_tree.hpp"
#include "local/isolation/file_text.hpp"
#include "local/isolation/unique_fd.hpp"
#include "protocol/shell_quote.hpp"

namespace fs = std::filesystem;

namespace daytona::local {

namespace {

bool is_on_path(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "/usr/bin:/bin" : path;
  while (!rest.empty()) {
    const auto end = std::min(rest.find(':'), rest.size());
    if (::access((fs::path{rest.substr(0, end)} / program).c_str(), X_OK) == 0) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

void require_tools(bool root) {
  std::string missing;
  if (!is_on_path("mmdebstrap")) missing += " mmdebstrap";
  if (!root && !is_on_path("newuidmap")) missing += " uidmap";
  if (!missing.empty())
    throw std::runtime_error{"base create: a tree is made with mmdebstrap" + std::string{root ? "" : " and uidmap"} +
                             ", which is not here; as root, run: apt-get install --yes" + missing};
}

/// The folder beside, in which a tree comes about. Whoever has it locked is at work.
class workshop {
 public:
  explicit workshop(const fs::path& path) : folder_{path.string() + ".unfinished"} {
    std::error_code error;
    fs::create_directories(folder_, error);
    lock_.reset(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY));  // open in mmdebstrap too: it may outlive us
    if (error || !lock_)
      throw std::invalid_argument{fmt::format("base create: cannot make {}: {}; name another path", folder_.string(),
                                              error ? error.message() : std::generic_category().message(errno))};
    if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0)
      throw std::runtime_error{"base create: another one makes " + path.string() + " at present; wait for it"};
    empty();
  }
  ~workshop() {
    empty();
    std::error_code ignored;
    fs::remove(folder_, ignored);
  }
  workshop(const workshop&) = delete;
  workshop& operator=(const workshop&) = delete;

  const fs::path& folder() const { return folder_; }
  void write_to_disk() const { ::syncfs(lock_.get()); }

 private:
  void empty() const {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator{folder_, ignored}) fs::remove_all(entry.path(), ignored);
  }

  fs::path folder_;
  unique_fd lock_;
};

/// What the machine's apt is told of proxies, certificates and the like.
fs::path write_apt_settings(const interruptible_command& run, const fs::path& folder) {
  const auto all = folder / "apt.all";
  const auto chosen = folder / "apt.conf";
  run.run({"apt-config", "dump"}, all);
  std::ifstream lines{all};
  std::ofstream out{chosen};
  fs::permissions(chosen, fs::perms::owner_read | fs::perms::owner_write);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("Acquire::")) out << line << '\n';
  out << std::flush;
  if (!out) throw std::runtime_error{"base create: cannot write " + chosen.string()};
  return chosen;
}

[[noreturn]] void fail(const std::string& program, int status) {
  throw std::runtime_error{fmt::format(
      "base create: {} ended with status {}, for the reason above; nothing is left of the tree. If packages could not "
      "be fetched: `apt-get update` must work on this machine, whose sources, proxies and credentials in /etc/apt are "
      "used; then run it again",
      program, status)};
}

fs::path build(const interruptible_command& run, const workshop& place, const std::vector<std::string>& packages) {
  tree_order order;
  order.packages = packages;
  order.root = ::geteuid() == 0;
  order.suite = setting_of("/etc/os-release", "VERSION_CODENAME");
  if (order.suite.empty())
    throw std::runtime_error{"base create: /etc/os-release has no VERSION_CODENAME: this machine is no Debian"};
  order.sources = apt_sources("/etc/apt", order.suite);
  order.settings = write_apt_settings(run, place.folder());
  auto tree = place.folder() / "tree";
  order.target = order.root ? tree : place.folder() / "tree.tar";
  if (const int status = run.run(mmdebstrap_command(order)); status != 0) fail("mmdebstrap", status);
  if (order.root) return tree;

  fs::create_directory(tree);
  const int status = run.run({"tar", "--extract", "--no-same-owner", "--exclude=./dev/*", "--directory", tree.string(),
                              "--file", order.target.string()});
  if (status != 0) fail("tar", status);
  return tree;
}

/// Whether there is one already. Throws if there is something else.
bool is_there(const fs::path& path) {
  std::error_code error;
  const auto kind = fs::status(path, error).type();
  if (kind == fs::file_type::not_found) return false;
  if (kind == fs::file_type::directory && fs::is_empty(path, error)) return false;
  if (const auto why = unfitness_of_tree(path); !why.empty())
    throw std::invalid_argument{"base create: " + path.string() + " is there already, and is " + why +
                                "; name a path that does not exist"};
  std::string missing;
  for (const auto& package : missing_packages(path)) missing += " " + package;
  if (!missing.empty())
    throw std::invalid_argument{"base create: " + path.string() + " is a Debian tree that lacks" + missing +
                                "; delete it, once no server uses it, and run this again"};
  return true;
}

}  // namespace

fs::path default_base_path() {
  const auto variable = [](const char* name) -> fs::path {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
  };
  if (const auto data = variable("XDG_DATA_HOME"); data.is_absolute()) return data / "daytona-local/base";
  if (const auto home = variable("HOME"); home.is_absolute()) return home / ".local/share/daytona-local/base";
  throw std::invalid_argument{
      "base create: neither XDG_DATA_HOME nor HOME names a place; say daytona-local base create PATH"};
}

std::vector<fs::path> apt_sources(const fs::path& apt_directory, const std::string& suite) {
  std::vector<fs::path> found{apt_directory / "sources.list"};
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator{apt_directory / "sources.list.d", missing})
    if (const auto kind = entry.path().extension(); kind == ".list" || kind == ".sources")
      found.push_back(entry.path());
  std::erase_if(found, [&](const fs::path& file) { return file_text(file).find(suite) == std::string::npos; });
  std::ranges::sort(found);
  return found;
}

std::vector<std::string> mmdebstrap_command(const tree_order& order) {
  std::string packages = fmt::format("{}", fmt::join(base_packages(), ","));
  const std::string settings = protocol::shell_quote(order.settings.string());
  // Who is root in mmdebstrap's user namespace can't come into the folders of who began it: that one hands the file in.
  std::string begin = "upload " + settings + " /etc/apt/apt.conf.d/00machine";
  if (order.root)
    begin = "install -D -m 600 -- " + settings + R"( "$1/etc/apt/apt.conf.d/00machine")" +
            R"( && for f in /etc/apt/auth.conf /etc/apt/auth.conf.d; do [ ! -e $f ] || cp -r $f "$1/etc/apt/"; done)";
  for (const auto& package : order.packages) packages += "," + package;
  std::vector<std::string> command = {
      "mmdebstrap",
      order.root ? "--mode=root" : "--mode=unshare",
      order.root ? "--format=directory" : "--format=tar",
      "--variant=minbase",
      "--include=" + packages,
      R"(--aptopt=APT::Install-Recommends "false")",
      "--dpkgopt=path-exclude=/usr/share/doc/*",
      "--dpkgopt=path-include=/usr/share/doc/*/copyright",
      "--dpkgopt=path-exclude=/usr/share/man/*",
      "--dpkgopt=path-exclude=/usr/share/locale/*",
      "--dpkgopt=force-unsafe-io",
      "--setup-hook=" + begin,
      R"(--customize-hook=rm -rf "$1/etc/apt/apt.conf.d/00machine" "$1/etc/apt/auth.conf" "$1/etc/apt/auth.conf.d"/*)",
      order.suite,
      order.target.string()};
  for (const auto& file : order.sources) command.push_back(file.string());
  return command;
}

void create_base(const fs::path& path, const std::vector<std::string>& packages) {
  if (!path.is_absolute()) throw std::invalid_argument{"base create: '" + path.string() + "' must be an absolute path"};
  if (!is_there(path)) {
    require_tools(::geteuid() == 0);
    const interruptible_command run;
    const workshop place{path};
    fmt::print("making a Debian tree at {}: a minute or two\n", path.string());
    std::fflush(stdout);
    const auto tree = build(run, place, packages);
    place.write_to_disk();
    fs::rename(tree, path);
  }
  fmt::print("{} is ready; use it with: daytona-local serve --base={}\n", path.string(), path.string());
}

}  // namespace daytona::local
