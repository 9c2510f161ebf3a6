#include "local/toolbox/files/uploads.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "local/http/http_error.hpp"
#include "local/toolbox/files/file_changes.hpp"
#include "local/toolbox/files/form_body.hpp"
#include "local/toolbox/files/paths.hpp"
#include "local/toolbox/files/query_parameters.hpp"
#include "local/toolbox/files/replaced_file.hpp"
#include "model/json_writer.hpp"

namespace asio = boost::asio;

namespace daytona::local::toolbox {

namespace {

using http::http_error;

constexpr std::size_t longest_path = 64 * 1024;
constexpr std::size_t held_beside_texts = 256;  // of memory, for each of them
constexpr mode_t folders_of_many = 0755;
constexpr mode_t folders_of_one = 0750;

void make_folders_for(const std::string& path, mode_t mode) {
  std::string failed;
  const std::string above = folder_above(path);
  const int error = make_folders(above, mode, failed);
  if (error == 0) return;
  const std::string what = "mkdir " + std::string{without_slashes(above)} + ": mkdir";
  throw file_trouble{what, without_slashes(failed), error};
}

std::unique_ptr<replaced_file> create_file(const std::string& path) {
  try {
    return std::make_unique<replaced_file>(path);
  } catch (const file_trouble& trouble) {
    throw std::runtime_error{std::string{"create: "} + trouble.what()};
  }
}

/// Writes what `source` gives until it is empty, and says how much that was.
template <class Source>
asio::awaitable<std::int64_t> fill(Source& source, replaced_file& file) {
  std::int64_t size = 0;
  for (;;) {
    const auto piece = co_await source.read_some();
    if (piece.empty()) break;
    file.write(piece);
    size += static_cast<std::int64_t>(piece.size());
  }
  file.commit();
  co_return size;
}

/// What came of a request's files.
struct results {
  struct written {
    std::string path;
    std::int64_t size = 0;
  };
  std::vector<written> files;
  std::vector<std::string> errors;
};

http::response answer_of(const results& all) {
  std::string text;
  model::json_writer out{text};
  out.begin_object();
  if (!all.errors.empty()) {
    out.key("errors");
    out.begin_array();
    for (const auto& each : all.errors) out.value(std::string_view{each});
    out.end_array();
  }
  out.key("files");
  if (all.files.empty()) {
    out.null();
  } else {
    out.begin_array();
    for (const auto& each : all.files) {
      out.begin_object();
      out.member("path", std::string_view{each.path});
      out.member("bytes", each.size);
      out.end_object();
    }
    out.end_array();
  }
  out.end_object();
  return {all.errors.empty() ? 200U : 400U, std::move(text)};
}

/// The texts around the index in the name of a part: `files[` INDEX `].path`.
struct part_name {
  std::string index;
  bool is_path = false;
};
std::optional<part_name> parse_part_name(std::string_view name) {
  constexpr std::string_view begin = "files[";
  constexpr std::string_view path = "].path";
  constexpr std::string_view file = "].file";
  if (!name.starts_with(begin)) return std::nullopt;
  name.remove_prefix(begin.size());
  const bool is_path = name.ends_with(path);
  if (!is_path && !name.ends_with(file)) return std::nullopt;
  name.remove_suffix(path.size());
  return part_name{std::string{name}, is_path};
}

std::string without_space(const std::string& text) {
  constexpr const char* space = " \t\r\n\v\f";
  const auto begin = text.find_first_not_of(space);
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

/// One request to write many files.
class bulk_upload {
 public:
  bulk_upload(http::exchange& exchange, const std::string& boundary, http::budget_ptr memory)
      : form_{exchange, boundary}, memory_{std::move(memory)} {}

  asio::awaitable<results> run() {
    try {
      while (const auto part = co_await form_.next_part()) {
        const auto name = parse_part_name(part->name);
        if (!name) continue;
        if (name->is_path)
          co_await take_path(name->index);
        else
          co_await take_file(name->index);
      }
    } catch (const std::invalid_argument& cut) {
      done_.errors.push_back(std::string{"reading part: "} + cut.what());
    }
    co_return std::move(done_);
  }

 private:
  /// What is told of a file is held until the end of the request.
  void hold(std::size_t text) {
    if (!memory_.take(2 * text + held_beside_texts))
      throw http_error{503,
                       "the requests under way take all of the memory that there is for them: try again when some are "
                       "done, or upload fewer files at once",
                       "REQUEST_MEMORY_IN_USE"};
  }

  asio::awaitable<void> take_path(std::string index) {
    std::string path;
    for (;;) {
      const std::string_view piece = co_await form_.read_some();
      if (piece.empty()) break;
      path += piece;
      if (path.size() > longest_path) throw std::invalid_argument{"a path of more than 64 KiB"};
    }
    path = without_space(path);
    hold(index.size() + path.size());
    if (path.empty() || path.find('\0') != std::string::npos)
      done_.errors.push_back("path[" + index + (path.empty() ? "]: empty path" : "]: a path has no NUL"));
    else
      paths_[index] = path;
  }

  asio::awaitable<void> take_file(std::string index) {
    const auto found = paths_.find(index);
    if (found == paths_.end()) {
      hold(index.size());
      done_.errors.push_back("file[" + index + "]: missing .path metadata");
      co_return;
    }
    const std::string path = found->second;
    paths_.erase(found);
    try {
      const std::int64_t size = co_await write_file(path);
      done_.files.push_back({path, size});
    } catch (const http_error&) {
      throw;  // of the request as a whole
    } catch (const std::invalid_argument& cut) {
      done_.errors.push_back(path + ": write: " + cut.what());
    } catch (const std::runtime_error& failed) {
      done_.errors.push_back(path + ": " + failed.what());
    }
  }

  asio::awaitable<std::int64_t> write_file(std::string path) {
    make_folders_for(path, folders_of_many);
    const auto file = create_file(path);
    co_return co_await fill(form_, *file);
  }

  form_body form_;
  http::byte_share memory_;
  std::map<std::string, std::string> paths_;  // by index, of the files to come
  results done_;
};

/// The request's only file.
template <class Source>
asio::awaitable<void> write_one(Source& source, std::string path) {
  try {
    make_folders_for(path, folders_of_one);
    replaced_file file{path};
    co_await fill(source, file);
  } catch (const file_trouble& trouble) {
    throw http_error{400, std::string{"bad request: "} + trouble.what()};
  } catch (const std::invalid_argument& cut) {
    throw http_error{400, std::string{"bad request: "} + cut.what()};
  }
}

/// Of a form the part `file`, which has a file name.
asio::awaitable<void> write_form_file(http::exchange& exchange, std::string boundary, std::string path) {
  form_body form{exchange, boundary};
  try {
    for (;;) {
      const auto part = co_await form.next_part();
      if (!part) throw http_error{400, "bad request: the form has no file named 'file'"};
      if (part->name == "file" && part->has_filename) break;
    }
  } catch (const std::invalid_argument& cut) {
    throw http_error{400, std::string{"bad request: "} + cut.what()};
  }
  co_await write_one(form, path);
}

/// What is left of a body: to answer before its end would cut it.
asio::awaitable<void> read_to_end(http::exchange& exchange) {
  for (;;) {
    const std::string piece = co_await exchange.read_some();
    if (piece.empty()) co_return;
  }
}

}  // namespace

asio::awaitable<void> upload_files(http::exchange& exchange, http::budget_ptr memory) {
  const auto boundary = form_boundary(exchange.head().headers.get("Content-Type"));
  http::response answer{400, R"({"errors":["invalid multipart form"]})"};
  if (boundary) {
    bulk_upload upload{exchange, *boundary, memory};
    const results done = co_await upload.run();
    answer = answer_of(done);
  }
  co_await read_to_end(exchange);
  co_await exchange.respond(std::move(answer));
}

asio::awaitable<void> upload_form_file(http::exchange& exchange) {
  const std::string path = query_parameters{exchange}.required("path");
  const auto boundary = form_boundary(exchange.head().headers.get("Content-Type"));
  if (!boundary) throw http_error{400, "bad request: the body must be multipart/form-data with a boundary"};
  co_await write_form_file(exchange, *boundary, path);
  co_await read_to_end(exchange);
  http::response answer;
  co_await exchange.respond(std::move(answer));
}

asio::awaitable<void> upload_file(http::exchange& exchange) {
  const std::string path = query_parameters{exchange}.required("path");
  const auto boundary = form_boundary(exchange.head().headers.get("Content-Type"));
  if (boundary)
    co_await write_form_file(exchange, *boundary, path);
  else
    co_await write_one(exchange, path);
  co_await read_to_end(exchange);

  std::string text;
  model::json_writer out{text};
  out.begin_object();
  out.member("name", last_part(path));
  out.member("path", std::string_view{path});
  out.member("type", "file");
  out.end_object();
  http::response answer{200, std::move(text)};
  co_await exchange.respond(std::move(answer));
}

}  // namespace daytona::local::toolbox
