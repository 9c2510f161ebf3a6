#pragma once

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daytona/detail/export.hpp"
#include "daytona/file_info.hpp"

namespace daytona::inline v0 {

namespace detail {
struct sandbox_core;
}

/// Files of one sandbox. A cheap handle that shares the sandbox's state and may outlive every other handle.
///
/// A path is bytes, any but NUL; what is not absolute begins in the sandbox's work directory, and `~` means nothing. Links are followed unless it says otherwise.
/// A path that is missing is `errc::file_not_found` (a `not_found_error`), one that its user may not look at `errc::file_access_denied` (a `forbidden_error`),
/// one that leads through a file or is too long a `bad_request_error`. Older servers tell only the class.
///
/// **Lifetimes**: arguments are copied before a call returns; its awaitable and what it gives keep the state of the sandbox and its client.
/// **Thread safety**: safe on a shared handle.
class DAYTONA_API file_system {
 public:
  /// What is in a folder, hidden files too, but for links that lead nowhere; each folder stands before what is in it.
  ///
  /// A server that lists one level alone is asked for each folder of the levels above the last, one after the other. A folder below that may not be read is
  /// listed without what is in it.
  ///
  /// **Errors**: `errc::invalid_argument` if `path` is empty or holds NUL, or `options.depth` is below 1; a `bad_request_error` if it is no folder;
  /// `errc::response_too_large` beyond `config::max_response_body`; else as the class says, and as `process::exec`.
  /// **Cancellation**: at once. **Timeout**: `config::request_timeout`, for all levels. **Retry**: idempotent.
  ///
  /// Endpoint: `GET /files`.
  /// Example (`list_files`):
  ///
  ///     daytona::list_files_options options;
  ///     options.depth = 2;
  ///     auto all = co_await files.list_files("src", options);
  ///     for (const daytona::file_info& file : all) fmt::print("{} {}\n", file.permissions, file.path.value_or(file.name));
  boost::asio::awaitable<std::vector<file_info>> list_files(std::string_view path,
                                                            list_files_options options = list_files_options()) const;

  /// What is known of a file or folder.
  ///
  /// **Errors**: `errc::invalid_argument` if `path` is empty or holds NUL; else as the class says, and as `process::exec`.
  /// **Cancellation**: at once. **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: `GET /files/info`.
  /// Example (`get_file_info`):
  ///
  ///     daytona::file_info info = co_await files.get_file_info("/etc/hosts");
  ///     fmt::print("{} {} bytes, changed {}\n", info.mode, info.size, info.mod_time);
  ///     if (info.is_dir) fmt::print("a folder\n");
  boost::asio::awaitable<file_info> get_file_info(std::string_view path) const;

  /// Whether there is something at the path; a link that leads nowhere is nothing.
  ///
  /// **Errors**: as `get_file_info`, but for a path that is missing; a sandbox that is gone is `errc::sandbox_gone`, not false.
  /// **Cancellation**: at once. **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: as `get_file_info`.
  /// Example (`exists`):
  ///
  ///     const bool is_there = co_await files.exists("src/a.py");
  ///     if (!is_there) fmt::print("there is no src/a.py\n");
  ///     const bool is_known = co_await files.exists("/etc/hosts");
  boost::asio::awaitable<bool> exists(std::string_view path) const;

  /// Makes a folder, and those above it that are missing. One that is there already stays as it is.
  ///
  /// `mode` is octal digits, "755" or "0755", at most 7777; the sandbox's umask takes its bits away, and servers may use the last nine bits alone.
  ///
  /// **Errors**: `errc::invalid_argument` if `path` is empty or holds NUL, or `mode` is no such number; a `bad_request_error` if a file is in the way or it may
  /// not be made; else as `process::exec`.
  /// **Cancellation**: at once; it may have been made. **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: `POST /files/folder`.
  /// Example (`create_folder`):
  ///
  ///     co_await files.create_folder("results/2025", "755");
  ///     co_await files.create_folder("results/private", "700");
  ///     auto made = co_await files.list_files("results");
  boost::asio::awaitable<void> create_folder(std::string_view path, std::string_view mode) const;

  /// Deletes a file, or with `options.recursive` a folder and all that is in it. Of a link, the link itself; one that leads nowhere counts as missing.
  ///
  /// **Errors**: `errc::invalid_argument` if `path` is empty or holds NUL; a `bad_request_error` if it is a folder and `options.recursive` is not set, or may not
  /// be deleted; else as the class says, and as `process::exec`.
  /// **Cancellation**: at once; it may have been deleted, a folder in part. **Timeout**: `config::request_timeout`. **Retry**: only while nothing was sent.
  ///
  /// Endpoint: `DELETE /files`.
  /// Example (`delete_file`):
  ///
  ///     co_await files.delete_file("notes.txt");
  ///     daytona::delete_file_options options;
  ///     options.recursive = true;
  ///     co_await files.delete_file("results", options);
  boost::asio::awaitable<void> delete_file(std::string_view path,
                                           delete_file_options options = delete_file_options()) const;

  /// Moves or renames a file or folder. It takes no place that is taken, not even within a folder of that name, and makes no folders.
  ///
  /// **Errors**: `errc::invalid_argument` if a path is empty or holds NUL; a `not_found_error` if `source` or the folder of `destination` is missing;
  /// `conflict_error` if there is something at `destination`; a `bad_request_error` if it may not be written there; `errc::file_access_denied` if it was copied
  /// but could not be removed at `source`: then it is at both; else as the class says, and as `process::exec`.
  /// **Cancellation**: at once; it may have been moved. **Timeout**: `config::request_timeout`. **Retry**: only while nothing was sent.
  ///
  /// Endpoint: `POST /files/move`.
  /// Example (`move_files`):
  ///
  ///     co_await files.move_files("notes", "notes.txt");
  ///     auto moved = co_await files.get_file_info("notes.txt");
  ///     fmt::print("{} bytes\n", moved.size);
  boost::asio::awaitable<void> move_files(std::string_view source, std::string_view destination) const;

  /// Changes the permissions, the owner or the group of a file or folder, not of what is in it.
  ///
  /// **Errors**: `errc::invalid_argument` if `path` is empty or holds NUL, `options.mode` is no octal number up to 7777, or the owner or group holds NUL; a
  /// `bad_request_error` if there is no such user or group, or the change is not allowed; else as the class says, and as `process::exec`.
  /// **Cancellation**: at once; it may have been changed. **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: `POST /files/permissions`.
  /// Example (`set_file_permissions`):
  ///
  ///     daytona::set_file_permissions_options options;
  ///     options.mode = "755";
  ///     co_await files.set_file_permissions("src/a.py", options);
  boost::asio::awaitable<void> set_file_permissions(
      std::string_view path, set_file_permissions_options options = set_file_permissions_options()) const;

  /// The lines that hold a text, in the file `path` or all files below the folder `path`. `pattern` stands for itself, upper and lower case told apart.
  ///
  /// Links are not followed; binary files (NUL in their first 512 bytes) and those that can't be read are passed over, and of a file the rest behind a line of
  /// more than 64 KiB. What is not UTF-8 comes as U+FFFD. A path that is missing gives nothing.
  ///
  /// **Errors**: `errc::invalid_argument` if `path` or `pattern` is empty or holds NUL; `errc::response_too_large` beyond `config::max_response_body`; else as
  /// `process::exec`.
  /// **Cancellation**: at once. **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: `GET /files/find`.
  /// Example (`find_files`):
  ///
  ///     auto found = co_await files.find_files("src", "TODO:");
  ///     for (const daytona::match& match : found) fmt::print("{}:{}: {}\n", match.file, match.line, match.content);
  ///     if (found.empty()) fmt::print("nothing is left to do\n");
  boost::asio::awaitable<std::vector<match>> find_files(std::string_view path, std::string_view pattern) const;

  /// The files and folders from the folder `path` down, it included, whose name fits a pattern: `*`, `?`, `[a-z]`, `[^a]`, and `\` before what stands for itself.
  ///
  /// The whole name has to fit, and the name alone: no pattern with `/` does. Links are not followed. A path that is missing and a pattern that is none give
  /// nothing.
  ///
  /// **Errors**: as `find_files`. **Cancellation**: at once. **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: `GET /files/search`.
  /// Example (`search_files`):
  ///
  ///     auto found = co_await files.search_files("src", "*.py");
  ///     for (const std::string& path : found.files) fmt::print("{}\n", path);
  ///     fmt::print("{} programs\n", found.files.size());
  boost::asio::awaitable<search_files_response> search_files(std::string_view path, std::string_view pattern) const;

  /// Replaces a text in files wherever it stands; `pattern` and `new_value` stand for themselves. Success means that each file has its result, in their order:
  /// one that can't be read or written is told in its own.
  ///
  /// **Errors**: `errc::invalid_argument` if `pattern` is empty, a file's path is empty or holds NUL, or any of them is not UTF-8; else as `process::exec`.
  /// **Cancellation**: at once; it may have been done, in some of the files too. **Timeout**: `config::request_timeout`. **Retry**: only while nothing was sent.
  ///
  /// Endpoint: `POST /files/replace`.
  /// Example (`replace_in_files`):
  ///
  ///     auto found = co_await files.search_files("src", "*.py");
  ///     auto results = co_await files.replace_in_files(found.files, "TODO", "DONE");
  ///     for (const daytona::replace_result& result : results)
  ///       if (!result.success) fmt::print("{}: {}\n", result.file, result.error.value_or("not done"));
  boost::asio::awaitable<std::vector<replace_result>> replace_in_files(std::vector<std::string> files,
                                                                       std::string_view pattern,
                                                                       std::string_view new_value) const;

 private:
  friend class sandbox;
  explicit file_system(std::shared_ptr<detail::sandbox_core> core);
  std::shared_ptr<detail::sandbox_core> core_;
};

}  // namespace daytona::inline v0
