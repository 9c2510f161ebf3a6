#include "screen.hpp"

#include <algorithm>
#include <utility>

namespace daytona::test {

namespace {

constexpr unsigned char escape = 0x1B, bell = 0x07;

int in(int value, int end) { return std::clamp(value, 0, end - 1); }

/// Whether what follows ESC is complete.
bool is_whole(std::string_view sequence) {
  const auto last = static_cast<unsigned char>(sequence.back());
  if (sequence[0] == '[') return sequence.size() > 1 && last >= 0x40 && last <= 0x7E;
  if (sequence[0] == ']') return last == bell || sequence.ends_with("\x1b\\");
  if (sequence[0] == '(' || sequence[0] == ')') return sequence.size() == 2;
  return true;
}

}  // namespace

screen::screen(int rows, int cols) { resize(rows, cols); }

void screen::resize(int rows, int cols) {
  cells_.resize(static_cast<std::size_t>(rows));
  for (auto& line : cells_) line.resize(static_cast<std::size_t>(cols), " ");
  row_ = in(row_, rows);
  col_ = in(col_, cols);
}

void screen::put(std::string_view bytes) {
  for (const char byte : bytes) put_one(static_cast<unsigned char>(byte));
}

std::string screen::row(int number) const {
  std::string text;
  for (const auto& cell : cells_.at(static_cast<std::size_t>(number))) text += cell;
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

void screen::put_one(unsigned char byte) {
  if (in_sequence_) {
    sequence_ += static_cast<char>(byte);
    if (!is_whole(sequence_)) return;
    in_sequence_ = false;
    if (sequence_[0] == '[') run_sequence(static_cast<char>(byte));
    return;
  }
  if (byte == escape) {
    in_sequence_ = true;
    sequence_.clear();
  } else if (missing_ > 0) {
    character_ += static_cast<char>(byte);
    if (--missing_ == 0) print(std::exchange(character_, {}));
  } else if (byte >= 0xC0) {
    character_ = static_cast<char>(byte);
    missing_ = byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : 1;
  } else if (byte < ' ') {
    control(byte);
  } else {
    print(std::string(1, static_cast<char>(byte)));
  }
}

void screen::print(const std::string& character) {
  const auto width = static_cast<int>(cells_[0].size());
  if (col_ == width) {
    col_ = 0;
    control('\n');
  }
  cells_[static_cast<std::size_t>(row_)][static_cast<std::size_t>(col_++)] = character;
  last_ = character;
}

void screen::control(unsigned char byte) {
  const auto width = static_cast<int>(cells_[0].size());
  if (byte == '\r') col_ = 0;
  if (byte == '\b') col_ = std::max(0, std::min(col_, width - 1) - 1);
  if (byte == '\t') col_ = std::min((col_ / 8 + 1) * 8, width - 1);
  if (byte != '\n') return;
  if (row_ + 1 == static_cast<int>(cells_.size()))
    scroll_up();
  else
    ++row_;
}

void screen::scroll_up() {
  std::rotate(cells_.begin(), cells_.begin() + 1, cells_.end());
  std::fill(cells_.back().begin(), cells_.back().end(), " ");
}

int screen::parameter(std::size_t number, int otherwise) const {
  std::size_t begin = 1;
  for (; number > 0; --number) {
    begin = sequence_.find(';', begin);
    if (begin == std::string::npos) return otherwise;
    ++begin;
  }
  int value = 0;
  for (; sequence_[begin] >= '0' && sequence_[begin] <= '9'; ++begin) value = value * 10 + (sequence_[begin] - '0');
  return value == 0 ? otherwise : value;
}

void screen::run_sequence(char final) {
  const auto height = static_cast<int>(cells_.size());
  const auto width = static_cast<int>(cells_[0].size());
  const int count = parameter(0, 1);
  if (final == 'H' || final == 'f') {
    row_ = in(count - 1, height);
    col_ = in(parameter(1, 1) - 1, width);
  }
  if (final == 'd') row_ = in(count - 1, height);
  if (final == 'G') col_ = in(count - 1, width);
  if (final == 'A') row_ = in(row_ - count, height);
  if (final == 'B') row_ = in(row_ + count, height);
  if (final == 'C') col_ = in(col_ + count, width);
  if (final == 'D') col_ = in(std::min(col_, width - 1) - count, width);
  if (final == 'b')
    for (int n = 0; n < count; ++n) print(std::string(last_));
  move_or_erase(final, count);
}

void screen::move_or_erase(char final, int count) {
  const auto height = static_cast<int>(cells_.size());
  const auto width = static_cast<int>(cells_[0].size());
  const int what = parameter(0, 0);
  const int here = std::min(col_, width - 1);
  auto& line = cells_[static_cast<std::size_t>(row_)];
  if (final == 'X') erase(here, std::min(here + count, width));
  if (final == 'K') erase(what == 0 ? here : 0, what == 1 ? here + 1 : width);
  if (final == 'J') {
    erase(what == 0 ? here : 0, what == 1 ? here + 1 : width);
    erase_lines(what == 0 ? row_ + 1 : 0, what == 1 ? row_ : height);
  }
  if (final == 'P' || final == '@') {
    const auto shifted = std::min(count, width - here);
    if (final == 'P')
      std::rotate(line.begin() + here, line.begin() + here + shifted, line.end());
    else
      std::rotate(line.begin() + here, line.end() - shifted, line.end());
    erase(final == 'P' ? width - shifted : here, final == 'P' ? width : here + shifted);
  }
}

void screen::erase(int from, int to) {
  auto& line = cells_[static_cast<std::size_t>(row_)];
  std::fill(line.begin() + from, line.begin() + to, " ");
}

void screen::erase_lines(int from, int to) {
  for (int n = from; n < to; ++n)
    std::fill(cells_[static_cast<std::size_t>(n)].begin(), cells_[static_cast<std::size_t>(n)].end(), " ");
}

}  // namespace daytona::test
