#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace daytona::test {

/// What a terminal shows, made of what programs put out for one of the kind `xterm`: the sequences that ncurses and bash use, and no others.
class screen {
 public:
  screen(int rows, int cols);

  void put(std::string_view bytes);
  void resize(int rows, int cols);
  /// A row's text, without the blanks at its end. Lines and corners are as ASCII as in an 8-bit terminal's alternate set (`q`, `x`, `l` …).
  std::string row(int number) const;
  int cursor_row() const { return row_; }
  int cursor_col() const { return col_; }

 private:
  void put_one(unsigned char byte);
  void print(const std::string& character);
  void control(unsigned char byte);
  void run_sequence(char final);
  void move_or_erase(char final, int count);
  void erase(int from, int to);
  void erase_lines(int from, int to);
  void scroll_up();
  int parameter(std::size_t number, int otherwise) const;

  std::vector<std::vector<std::string>> cells_;
  int row_ = 0, col_ = 0;
  std::string last_;       // the character printed last
  std::string character_;  // of several bytes, not complete
  std::size_t missing_ = 0;
  std::string sequence_;  // behind ESC, not complete
  bool in_sequence_ = false;
};

}  // namespace daytona::test
