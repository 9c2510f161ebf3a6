#include "protocol/log_demux.hpp"

#include <algorithm>
#include <cstring>

namespace daytona::protocol {

namespace {

constexpr char stdout_byte = 1, stderr_byte = 2;
constexpr std::size_t marker_size = 3;

/// Finds where in one text markers may begin, looking at each byte of it once for each kind.
class marker_search {
 public:
  explicit marker_search(std::string_view text) : text_(text) {}

  /// How many bytes of `rest`, the end of the text, come before the next byte of a marker.
  std::size_t distance(std::string_view rest) {
    const char* const begin = rest.data();
    if (out_ < begin) out_ = find(begin, stdout_byte);
    if (err_ < begin) err_ = find(begin, stderr_byte);
    return static_cast<std::size_t>(std::min(out_, err_) - begin);
  }

 private:
  const char* find(const char* begin, char byte) const noexcept {
    const char* const end = text_.data() + text_.size();
    const void* const found = std::memchr(begin, byte, static_cast<std::size_t>(end - begin));
    return found ? static_cast<const char*>(found) : end;
  }

  std::string_view text_;
  const char* out_ = nullptr;
  const char* err_ = nullptr;
};

/// How many bytes at the head of `bytes` are `byte`, as far as a marker goes.
std::size_t run_at_head(std::string_view bytes, char byte, std::size_t most) noexcept {
  const auto looked_at = std::min(bytes.size(), most);
  std::size_t size = 0;
  while (size < looked_at && bytes[size] == byte) ++size;
  return size;
}

}  // namespace

std::optional<log_source> log_demux::next(std::string_view& bytes, std::string& out) {
  const auto before = out.size();
  marker_search markers{bytes};
  while (!bytes.empty()) {
    if (run_ == 0) {
      const auto plain = markers.distance(bytes);
      emit(bytes.substr(0, plain), out);
      bytes.remove_prefix(plain);
      if (bytes.empty()) break;
      run_byte_ = bytes.front();
    }
    const auto more = run_at_head(bytes, run_byte_, marker_size - run_);
    bytes.remove_prefix(more);
    run_ += more;
    if (run_ < marker_size) {
      if (!bytes.empty()) emit_run(out);
      continue;
    }

    run_ = 0;
    const auto ended = source_.value_or(log_source::stdout_);
    source_ = run_byte_ == stdout_byte ? log_source::stdout_ : log_source::stderr_;
    if (out.size() > before && *source_ != ended) return ended;
  }
  if (out.size() == before) return std::nullopt;
  return source_.value_or(log_source::stdout_);
}

std::optional<log_source> log_demux::finish(std::string& out) {
  if (run_ == 0) return std::nullopt;
  emit_run(out);
  return source_.value_or(log_source::stdout_);
}

void log_demux::emit(std::string_view bytes, std::string& out) {
  if (!source_) unlabelled_ += bytes.size();
  out.append(bytes);
}

void log_demux::emit_run(std::string& out) {
  const char run[marker_size] = {run_byte_, run_byte_, run_byte_};
  emit({run, run_}, out);
  run_ = 0;
}

}  // namespace daytona::protocol
