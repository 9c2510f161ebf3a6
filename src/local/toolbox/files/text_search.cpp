#include "local/toolbox/files/text_search.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <string_view>
#include <utility>

#include "local/isolation/unique_fd.hpp"
#include "local/toolbox/files/folder_walk.hpp"
#include "local/toolbox/files/name_pattern.hpp"
#include "local/toolbox/files/paths.hpp"
#include "model/json_writer.hpp"

namespace asio = boost::asio;

namespace daytona::local::toolbox {

namespace {

constexpr std::size_t looked_at_for_nul = 512;
constexpr std::size_t longest_line = 64 * 1024 - 1;
constexpr std::size_t steps_a_read_piece = 8;

/// The lines of a file, as far as they are none too long.
class line_reader {
 public:
  explicit line_reader(const std::string& path)
      : file_{::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)} {
    struct stat status{};
    if (!file_ || ::fstat(file_.get(), &status) != 0 || !S_ISREG(status.st_mode)) file_.reset();
    if (!file_ || !read_more()) return;
    const auto head = std::string_view{text_}.substr(0, looked_at_for_nul);
    if (head.find('\0') != std::string_view::npos) stop();
  }

  /// Takes the next line, without its end, into `line`, which lives until the next call. False at the end, and if more is to be read first: `read_more()`.
  bool next(std::string_view& line) {
    const auto end = text_.find('\n', place_);
    const bool is_last = end == std::string::npos;
    if (is_last && (file_ || place_ == text_.size())) return false;
    line = std::string_view{text_}.substr(place_, is_last ? end : end - place_);
    place_ = is_last ? text_.size() : end + 1;
    if (line.size() > longest_line) return stop();
    if (line.ends_with('\r')) line.remove_suffix(1);
    return true;
  }

  /// False once there is no more.
  bool read_more() {
    if (!file_) return false;
    text_.erase(0, std::exchange(place_, 0));
    if (text_.size() > longest_line) return stop();
    const std::size_t before = text_.size();
    text_.resize(before + longest_line);
    const auto size = ::read(file_.get(), text_.data() + before, longest_line);
    text_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    if (size <= 0) file_.reset();
    return true;
  }

 private:
  bool stop() {
    text_.clear();
    place_ = 0;
    file_.reset();
    return false;
  }

  unique_fd file_;
  std::string text_;
  std::size_t place_ = 0;
};

/// Appends what comes between the members of an array.
void separate(piecewise_answer& answer, bool& is_first) {
  if (!std::exchange(is_first, false)) answer.text() += ',';
}

void append_match(piecewise_answer& answer, const std::string& path, std::int64_t line, std::string_view content) {
  model::json_writer out{answer.text()};
  out.begin_object();
  out.member("file", std::string_view{path});
  out.member("line", line);
  out.member("content", content);
  out.end_object();
}

}  // namespace

asio::awaitable<void> find_text(piecewise_answer& answer, std::string path, std::string text, turns& others) {
  bool is_first = true;
  answer.text() += '[';
  folder_walk walk{std::move(path)};
  while (const auto place = walk.next()) {
    if (others.is_over()) co_await others.end_turn();
    if (place->is_folder) continue;
    line_reader lines{place->path};
    std::int64_t number = 0;
    do {
      std::string_view line;
      while (lines.next(line)) {
        ++number;
        if (line.find(text) == std::string_view::npos) continue;
        separate(answer, is_first);
        append_match(answer, place->path, number, line);
        co_await answer.pass_on();
      }
      if (others.is_over(steps_a_read_piece)) co_await others.end_turn();
    } while (lines.read_more());
  }
  answer.text() += ']';
}

asio::awaitable<void> find_names(piecewise_answer& answer, std::string path, std::string pattern, turns& others) {
  bool is_first = true;
  answer.text() += '[';
  const auto wanted = name_pattern::parse(pattern);
  folder_walk walk{std::move(path)};
  while (const auto place = wanted ? walk.next() : std::nullopt) {
    if (others.is_over()) co_await others.end_turn();
    if (!wanted->matches(last_part(place->path))) continue;
    separate(answer, is_first);
    model::json_writer{answer.text()}.value(place->path);
    co_await answer.pass_on();
  }
  answer.text() += ']';
}

}  // namespace daytona::local::toolbox
