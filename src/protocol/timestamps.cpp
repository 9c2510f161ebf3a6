#include "protocol/timestamps.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace daytona::protocol {
namespace {

namespace chrono = std::chrono;

// Takes what it reads off the front of a text; once something did not fit, the rest fails too.
class scanner {
 public:
  explicit scanner(std::string_view text) : rest_(text) {}

  int digits(std::size_t count) {
    if (rest_.size() < count) return fail();
    int number = 0;
    for (const char c : rest_.substr(0, count)) {
      if (c < '0' || c > '9') return fail();
      number = number * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return number;
  }
  void expect(std::string_view text) {
    if (!accept(text)) fail();
  }
  bool accept(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  char take() {
    if (rest_.empty()) return static_cast<char>(fail());
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  std::string_view rest() const { return rest_; }
  int fail() {
    failed_ = true;
    rest_ = {};
    return 0;
  }
  bool done() const { return !failed_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

std::optional<chrono::sys_seconds> make_time(chrono::year_month_day date, int hour, int minute, int second) {
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return chrono::sys_days(date) + chrono::hours(hour) + chrono::minutes(minute) + chrono::seconds(second);
}

chrono::year_month_day make_date(int year, int month, int day) {
  return {chrono::year(year), chrono::month(static_cast<unsigned>(month)), chrono::day(static_cast<unsigned>(day))};
}

chrono::milliseconds scan_fraction(scanner& in) {
  chrono::milliseconds fraction{0};
  if (!in.accept(".")) return fraction;
  int unit = 100;
  if (in.rest().empty() || in.rest().front() < '0' || in.rest().front() > '9') in.fail();
  while (!in.rest().empty() && in.rest().front() >= '0' && in.rest().front() <= '9') {
    fraction += chrono::milliseconds((in.take() - '0') * unit);
    unit /= 10;
  }
  return fraction;
}

chrono::minutes scan_offset(scanner& in) {
  if (in.rest().empty() || in.accept("Z") || in.accept("z")) return chrono::minutes(0);
  const char sign = in.take();
  const int hours = in.digits(2);
  in.accept(":");
  const int minutes = in.digits(2);
  if ((sign != '+' && sign != '-') || hours > 23 || minutes > 59) in.fail();
  const chrono::minutes offset = chrono::hours(hours) + chrono::minutes(minutes);
  return sign == '-' ? -offset : offset;
}

int scan_month(scanner& in) {
  constexpr auto names = std::to_array<std::string_view>(
      {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"});
  for (std::size_t i = 0; i < names.size(); ++i)
    if (in.accept(names[i])) return static_cast<int>(i) + 1;
  return in.fail();
}

}  // namespace

std::string format_timestamp(utc_time time) {
  const auto day = chrono::floor<chrono::days>(time);
  const chrono::year_month_day date(day);
  const chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

std::optional<utc_time> parse_timestamp(std::string_view text) {
  scanner in(text);
  const int year = in.digits(4);
  in.expect("-");
  const int month = in.digits(2);
  in.expect("-");
  const int day = in.digits(2);
  if (!in.accept("T") && !in.accept("t")) in.expect(" ");
  const int hour = in.digits(2);
  in.expect(":");
  const int minute = in.digits(2);
  in.expect(":");
  const int second = in.digits(2);
  const auto fraction = scan_fraction(in);
  const auto offset = scan_offset(in);
  if (!in.done()) return std::nullopt;
  const auto time = make_time(make_date(year, month, day), hour, minute, second);
  if (!time) return std::nullopt;
  return *time + fraction - offset;
}

std::optional<chrono::sys_seconds> parse_http_date(std::string_view text) {
  scanner in(text);
  for (int letter = 0; letter < 3; ++letter) in.take();  // the day of the week says nothing new
  in.expect(", ");
  const int day = in.digits(2);
  in.expect(" ");
  const int month = scan_month(in);
  in.expect(" ");
  const int year = in.digits(4);
  in.expect(" ");
  const int hour = in.digits(2);
  in.expect(":");
  const int minute = in.digits(2);
  in.expect(":");
  const int second = in.digits(2);
  in.expect(" GMT");
  if (!in.done()) return std::nullopt;
  return make_time(make_date(year, month, day), hour, minute, second);
}

}  // namespace daytona::protocol
