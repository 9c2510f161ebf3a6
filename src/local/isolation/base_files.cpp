#include "local/isolation/base_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "local/isolation/accounts.hpp"
#include "local/isolation/file_text.hpp"
#include "local/isolation/remove_tree.hpp"
#include "local/isolation/setup_failure.hpp"

namespace fs = std::filesystem;

namespace daytona::local {

namespace {

// What programs need of a machine's /etc to run as they do outside. Accounts, keys, mail, services and the environment stay out; of what is here,
// only what everybody on the machine may read is taken.
constexpr std::array copied_from_etc = {"X11",
                                        "adduser.conf",
                                        "alternatives",
                                        "apt/keyrings",
                                        "apt/preferences.d",
                                        "apt/sources.list",
                                        "apt/sources.list.d",
                                        "apt/trusted.gpg",
                                        "apt/trusted.gpg.d",
                                        "bash.bashrc",
                                        "bash_completion.d",
                                        "bindresvport.blacklist",
                                        "ca-certificates",
                                        "ca-certificates.conf",
                                        "dbus-1",
                                        "debconf.conf",
                                        "debian_version",
                                        "deluser.conf",
                                        "dpkg",
                                        "fonts",
                                        "gai.conf",
                                        "gtk-2.0",
                                        "gtk-3.0",
                                        "host.conf",
                                        "inputrc",
                                        "java-17-openjdk",
                                        "java-21-openjdk",
                                        "ld.so.cache",
                                        "ld.so.conf",
                                        "ld.so.conf.d",
                                        "locale.alias",
                                        "locale.gen",
                                        "localtime",
                                        "login.defs",
                                        "magic",
                                        "magic.mime",
                                        "matplotlibrc",
                                        "mime.types",
                                        "netconfig",
                                        "npmrc",
                                        "nsswitch.conf",
                                        "os-release",
                                        "pam.conf",
                                        "pam.d",
                                        "perl",
                                        "pip.conf",
                                        "profile",
                                        "profile.d",
                                        "protocols",
                                        "python3",
                                        "python3.11",
                                        "python3.12",
                                        "python3.13",
                                        "rpc",
                                        "security",
                                        "selinux",
                                        "services",
                                        "sgml",
                                        "shells",
                                        "skel",
                                        "ssl/certs",
                                        "ssl/openssl.cnf",
                                        "sudo.conf",
                                        "terminfo",
                                        "timezone",
                                        "ucf.conf",
                                        "update-motd.d",
                                        "wgetrc",
                                        "xattr.conf",
                                        "xdg",
                                        "xml"};

void write_text(const fs::path& path, const std::string& text, mode_t mode = 0644) {
  fs::create_directories(path.parent_path());
  std::ofstream file{path, std::ios::trunc};
  file << text << std::flush;
  if (!file) throw setup_failure("write " + path.string(), EIO);
  check(::chmod(path.c_str(), mode), "chmod " + path.string());
}

// What of a tree's /etc is the work of this file, or of whoever made the tree.
constexpr std::array left_in_tree = {"environment", "fstab",    "group",       "group-",     "gshadow",
                                     "gshadow-",    "hostname", "hosts",       "machine-id", "mtab",
                                     "passwd",      "passwd-",  "resolv.conf", "shadow",     "shadow-",
                                     "sudoers",     "subgid",   "subgid-",     "subuid",     "subuid-"};

// What package managers are told may tell secrets too.
bool may_hold_credentials(const fs::path& path) {
  const std::string text = path.string();
  const auto is = [&](std::string_view name) { return text.ends_with(name); };
  return is("/etc/npmrc") || is("/etc/pip.conf") || is("/etc/wgetrc") ||
         text.find("/etc/apt/sources.list") != std::string::npos;
}

bool readable_by_all(const fs::directory_entry& entry) {
  const auto permissions = entry.symlink_status().permissions();
  return entry.is_symlink() || (permissions & fs::perms::others_read) != fs::perms::none;
}

void copy_readable(const fs::directory_entry& from, const fs::path& to) {
  if (!readable_by_all(from)) return;
  if (from.is_symlink()) {
    fs::copy_symlink(from.path(), to);
  } else if (from.is_directory()) {
    fs::create_directories(to);
    for (const auto& child : fs::directory_iterator{from.path()}) copy_readable(child, to / child.path().filename());
  } else if (from.is_regular_file() && may_hold_credentials(from.path())) {
    write_text(to, without_credentials(file_text(from.path())));
  } else if (from.is_regular_file()) {
    fs::copy_file(from.path(), to);
  }
}

void write_accounts(const fs::path& etc, const fs::path& source) {
  const auto accounts = accounts_of(source);
  write_text(etc / "passwd", passwd_text(accounts));
  write_text(etc / "group", group_text(accounts));
  write_text(etc / "shadow", shadow_text(), 0640);
  write_text(etc / "gshadow", "", 0640);
  write_text(etc / "sudoers", sudoers_text(), 0440);
}

void copy_from_machine(const fs::path& etc) {
  for (const char* name : copied_from_etc) {
    const fs::directory_entry entry{fs::path{"/etc"} / name};
    if (!fs::exists(entry.symlink_status())) continue;
    fs::create_directories((etc / name).parent_path());
    copy_readable(entry, etc / name);
  }
}

// A tree has no secrets of anybody: all that everybody may read.
void copy_from_tree(const fs::path& source, const fs::path& etc) {
  for (const auto& entry : fs::directory_iterator{source / "etc"}) {
    const auto name = entry.path().filename();
    if (std::ranges::find(left_in_tree, name) == left_in_tree.end()) copy_readable(entry, etc / name);
  }
}

void write_etc(const base_layers& base) {
  const auto& etc = base.etc;
  fs::create_directories(etc);
  if (base.is_machine())
    copy_from_machine(etc);
  else
    copy_from_tree(base.source, etc);
  write_accounts(etc, base.source);
  write_text(etc / "environment", "");
  write_text(etc / "fstab", "");
  write_text(etc / "machine-id", "");
  write_text(etc / "resolv.conf", "# No name server: names are resolved by the proxy in HTTP_PROXY.\n");
  write_text(etc / "apt/apt.conf.d/90daytona",
             "Acquire::http::Proxy \"http://127.0.0.1:3128\";\nAcquire::https::Proxy \"http://127.0.0.1:3128\";\n");
  write_text(etc / "dpkg/dpkg.cfg.d/90daytona", "force-unsafe-io\n");
  for (const char* directory :
       {"cron.d", "cron.daily", "default", "init.d", "opt", "rc0.d", "rc1.d", "rc2.d", "rc3.d", "rc4.d", "rc5.d",
        "rc6.d", "rcS.d", "ssl/private", "sudoers.d", "systemd/system", "systemd/user", "tmpfiles.d"})
    fs::create_directories(etc / directory);
  fs::create_symlink("/proc/mounts", etc / "mtab");
}

void hide_file(const fs::path& path) {
  fs::create_directories(path.parent_path());
  check(::mknod(path.c_str(), S_IFCHR, makedev(0, 0)), "mknod " + path.string());
}

void write_usr(const base_layers& base) {
  const auto& usr = base.usr;
  const auto below = base.source / "usr";
  fs::create_directories(usr / "lib");
  for (const auto& entry : fs::directory_iterator{below / "lib"})
    if (fs::exists(entry.path() / "EXTERNALLY-MANAGED"))
      hide_file(usr / "lib" / entry.path().filename() / "EXTERNALLY-MANAGED");
  fs::create_directories(usr / "bin");
  if (!fs::exists(fs::symlink_status(below / "bin/python")) && fs::exists(fs::symlink_status(below / "bin/python3")))
    fs::create_symlink("python3", usr / "bin/python");
}

// The files above belong to whoever wrote them; inside they must be root's. `shadow` is the one group among them.
void give_to_root(const fs::path& tree, const id_map& ids) {
  if (ids.mode != isolation_mode::shifted) return;
  const auto give = [&](const fs::path& path) {
    check(::lchown(path.c_str(), ids.outside(0, 0), ids.outside(0, 0)), "chown " + path.string());
  };
  give(tree);
  for (const auto& entry : fs::recursive_directory_iterator{tree}) give(entry.path());
}

}  // namespace

std::string without_credentials(const std::string& text) {
  static const std::regex credential{R"(://[^/\s]*@|_auth|passw|token|secret|_key\b)", std::regex::icase};
  std::string kept;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);)
    if (!std::regex_search(line, credential)) kept += line + "\n";
  return kept;
}

std::string hosts_text(const std::string& host_name) {
  return "127.0.0.1 localhost " + host_name + "\n::1 localhost ip6-localhost ip6-loopback\n";
}

void write_base(const base_layers& base, const id_map& ids) {
  try {
    for (const auto& layer : {base.etc, base.usr}) remove_tree(layer);
    write_etc(base);
    write_usr(base);
    for (const auto& layer : {base.etc, base.usr}) give_to_root(layer, ids);
  } catch (const fs::filesystem_error& failure) {
    throw setup_failure(std::string{"write the base layers: "} + failure.what(), failure.code().value());
  }
}

}  // namespace daytona::local
