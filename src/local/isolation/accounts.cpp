#include "local/isolation/accounts.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>
#include <vector>

#include "local/isolation/file_text.hpp"

namespace daytona::local {

namespace {

constexpr unsigned first_ordinary_id = 1000;

struct account_line {
  std::string name;
  std::string third;   ///< The id.
  std::string fourth;  ///< In passwd the group's id.
};

account_line parse_account(const std::string& text) {
  std::istringstream fields{text};
  account_line line;
  std::string password;
  std::getline(fields, line.name, ':');
  std::getline(fields, password, ':');
  std::getline(fields, line.third, ':');
  std::getline(fields, line.fourth, ':');
  return line;
}

bool is_system_id(const std::string& text) {
  unsigned id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty() && id < first_ordinary_id;
}

/// The lines of the base's file whose accounts are named and not among ours.
std::vector<account_line> needed(const std::string& ours, const std::string& bases,
                                 const std::set<std::string>& named) {
  std::set<std::string> known;
  std::istringstream our_lines{ours};
  for (std::string line; std::getline(our_lines, line);) known.insert(parse_account(line).name);
  std::vector<account_line> lines;
  std::istringstream base_lines{bases};
  for (std::string text; std::getline(base_lines, text);) {
    auto line = parse_account(text);
    if (named.contains(line.name) && !known.contains(line.name) && is_system_id(line.third)) lines.push_back(line);
  }
  return lines;
}

}  // namespace

std::set<std::string> accounts_named_by_overrides(const std::string& statoverride) {
  std::set<std::string> names;
  std::istringstream lines{statoverride};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields{line};
    std::string user;
    std::string group;
    fields >> user >> group;
    names.insert({user, group});
  }
  return names;
}

base_accounts accounts_of(const std::filesystem::path& source) {
  base_accounts base{file_text(source / "etc/passwd"), file_text(source / "etc/group"),
                     accounts_named_by_overrides(file_text(source / "var/lib/dpkg/statoverride"))};
  base.named.insert("_apt");
  if (source == "/") return base;
  for (const auto& text : {base.passwd, base.group}) {
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);) base.named.insert(parse_account(line).name);
  }
  return base;
}

std::string passwd_text(const base_accounts& base) {
  std::string text =
      "root:x:0:0:root:/root:/bin/bash\n"
      "daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n"
      "bin:x:2:2:bin:/bin:/usr/sbin/nologin\n"
      "sys:x:3:3:sys:/dev:/usr/sbin/nologin\n"
      "sync:x:4:65534:sync:/bin:/bin/sync\n"
      "games:x:5:60:games:/usr/games:/usr/sbin/nologin\n"
      "man:x:6:12:man:/var/cache/man:/usr/sbin/nologin\n"
      "lp:x:7:7:lp:/var/spool/lpd:/usr/sbin/nologin\n"
      "mail:x:8:8:mail:/var/mail:/usr/sbin/nologin\n"
      "news:x:9:9:news:/var/spool/news:/usr/sbin/nologin\n"
      "uucp:x:10:10:uucp:/var/spool/uucp:/usr/sbin/nologin\n"
      "proxy:x:13:13:proxy:/bin:/usr/sbin/nologin\n"
      "www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\n"
      "backup:x:34:34:backup:/var/backups:/usr/sbin/nologin\n"
      "list:x:38:38:Mailing List Manager:/var/list:/usr/sbin/nologin\n"
      "irc:x:39:39:ircd:/run/ircd:/usr/sbin/nologin\n"
      "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
      "daytona:x:1000:1000:Daytona:/home/daytona:/bin/bash\n";
  for (const auto& line : needed(text, base.passwd, base.named))
    text += line.name + ":x:" + line.third + ":" + line.fourth + "::/nonexistent:/usr/sbin/nologin\n";
  return text;
}

std::string group_text(const base_accounts& base) {
  std::string text =
      "root:x:0:\ndaemon:x:1:\nbin:x:2:\nsys:x:3:\nadm:x:4:\ntty:x:5:\ndisk:x:6:\nlp:x:7:\nmail:x:8:\nnews:x:9:"
      "\nuucp:x:10:\nman:x:12:\n"
      "proxy:x:13:\nkmem:x:15:\ndialout:x:20:\nfax:x:21:\nvoice:x:22:\ncdrom:x:24:\nfloppy:x:25:\ntape:x:26:\nsudo:"
      "x:27:daytona\naudio:x:29:\n"
      "dip:x:30:\nwww-data:x:33:\nbackup:x:34:\noperator:x:37:\nlist:x:38:\nirc:x:39:\nsrc:x:40:\nshadow:x:42:"
      "\nutmp:x:43:\nvideo:x:44:\n"
      "sasl:x:45:\nplugdev:x:46:\nstaff:x:50:\ngames:x:60:\nusers:x:100:\nnogroup:x:65534:\ndaytona:x:1000:\n";
  for (const auto& line : needed(text, base.group, base.named)) text += line.name + ":x:" + line.third + ":\n";
  return text;
}

std::string shadow_text() { return "root:*:19000:0:99999:7:::\ndaytona:*:19000:0:99999:7:::\n"; }

std::string sudoers_text() {
  return "Defaults env_reset\n"
         "Defaults secure_path=\"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\"\n"
         "Defaults env_keep += \"HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy\"\n"
         "root ALL=(ALL:ALL) ALL\n"
         "daytona ALL=(ALL:ALL) NOPASSWD: ALL\n"
         "@includedir /etc/sudoers.d\n";
}

}  // namespace daytona::local
