#include "local/toolbox/files/file_details.hpp"

#include <fmt/format.h>

#include <ctime>

#include "local/toolbox/files/paths.hpp"

namespace daytona::local::toolbox {

namespace {

std::string date_text(const timespec& time, char between) {
  std::tm date{};
  ::gmtime_r(&time.tv_sec, &date);
  return fmt::format("{:04}-{:02}-{:02}{}{:02}:{:02}:{:02}", date.tm_year + 1900, date.tm_mon + 1, date.tm_mday,
                     between, date.tm_hour, date.tm_min, date.tm_sec);
}

std::string fraction_text(const timespec& time) {
  if (time.tv_nsec == 0) return {};
  std::string digits = fmt::format(".{:09}", time.tv_nsec);
  digits.erase(digits.find_last_not_of('0') + 1);
  return digits;
}

std::string kind_letters(mode_t mode) {
  std::string letters;
  if (S_ISDIR(mode)) letters += 'd';
  if (S_ISLNK(mode)) letters += 'L';
  if (S_ISBLK(mode) || S_ISCHR(mode)) letters += 'D';
  if (S_ISFIFO(mode)) letters += 'p';
  if (S_ISSOCK(mode)) letters += 'S';
  if ((mode & S_ISUID) != 0) letters += 'u';
  if ((mode & S_ISGID) != 0) letters += 'g';
  if (S_ISCHR(mode)) letters += 'c';
  if ((mode & S_ISVTX) != 0) letters += 't';
  return letters.empty() ? "-" : letters;
}

}  // namespace

std::string mode_text(mode_t mode) {
  std::string text = kind_letters(mode);
  constexpr std::string_view letters = "rwxrwxrwx";
  for (std::size_t i = 0; i < letters.size(); ++i) {
    const bool is_set = (mode & (0400U >> i)) != 0;
    text += is_set ? letters[i] : '-';
  }
  return text;
}

std::string modified_at_text(const timespec& time) { return date_text(time, 'T') + fraction_text(time) + "Z"; }

std::string modification_time_text(const timespec& time) {
  return date_text(time, ' ') + fraction_text(time) + " +0000 UTC";
}

file_details details_of(std::string_view path, const struct stat& status) {
  return {std::string{last_part(path)}, full_path(path), status};
}

void write(model::json_writer& out, const file_details& file) {
  const auto& status = file.status;
  out.begin_object();
  out.member("name", std::string_view{file.name});
  out.member("size", static_cast<std::int64_t>(status.st_size));
  out.member("mode", std::string_view{mode_text(status.st_mode)});
  out.member("modTime", std::string_view{modification_time_text(status.st_mtim)});
  out.member("modifiedAt", std::string_view{modified_at_text(status.st_mtim)});
  out.member("isDir", S_ISDIR(status.st_mode));
  out.member("owner", std::string_view{std::to_string(status.st_uid)});
  out.member("group", std::string_view{std::to_string(status.st_gid)});
  out.member("permissions", std::string_view{fmt::format("{:04o}", status.st_mode & 0777U)});
  out.member("path", std::string_view{file.path});
  out.end_object();
}

}  // namespace daytona::local::toolbox
