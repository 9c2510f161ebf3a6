#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daytona/detail/export.hpp"

namespace daytona::inline v0 {

/// How to list a folder.
struct DAYTONA_API list_files_options {
  list_files_options();
  int depth = 1;  ///< Levels of folders to list: 2 = also what is in the folders of the folder, and so on. At least 1.
};

/// How to delete.
struct DAYTONA_API delete_file_options {
  delete_file_options();
  bool recursive = false;  ///< Delete a folder too, with all that is in it. Default false: folders are refused.
};

/// What to change of a file's permissions. What is empty stays as it is.
struct DAYTONA_API set_file_permissions_options {
  set_file_permissions_options();
  std::string mode;   ///< Octal digits, "644" or "0644", at most 7777. Servers may set the last nine bits alone.
  std::string owner;  ///< A name or a number.
  std::string group;  ///< The same.
};

/// What is known of a file or folder. Of a link it tells what it leads to.
struct DAYTONA_API file_info {
  file_info();
  std::string name;  ///< The last part of its path. Bytes that are no UTF-8 come as U+FFFD.
  bool is_dir = false;
  std::int64_t size = 0;  ///< In bytes.
  std::string mode;       ///< Letters of its kind, and nine of its permissions: "-rw-r--r--", "dtrwxrwxrwx".
  std::string mod_time;   ///< When it was changed, as the server writes it: "2025-03-04 05:06:07.089123456 +0000 UTC".
  std::string permissions;                 ///< Four octal digits, of the nine permission bits: "0644".
  std::string owner;                       ///< Its user's number, in decimal digits.
  std::string group;                       ///< Its group's, the same.
  std::optional<std::string> modified_at;  ///< When it was changed, in RFC 3339. Absent = the server does not tell.
  /// Its whole path. Absent = the server does not tell; but after a list of several levels it is there, and begins with the path that was asked for.
  std::optional<std::string> path;
};

/// A line in which a text was found.
struct DAYTONA_API match {
  match();
  std::string file;       ///< Its path begins with the one that was asked for.
  std::int64_t line = 0;  ///< Counted from 1.
  std::string content;    ///< Without its end.
};

/// Whose names fit a pattern.
struct DAYTONA_API search_files_response {
  search_files_response();
  std::vector<std::string> files;  ///< Files and folders; their paths begin with the one that was asked for.
};

/// What became of one file in which a text was to be replaced.
struct DAYTONA_API replace_result {
  replace_result();
  std::string file;                  ///< As it was asked for.
  bool success = false;              ///< Also if the text was not in it.
  std::optional<std::string> error;  ///< Why it was not done, in the server's words.
};

}  // namespace daytona::inline v0
