#include "local/toolbox/files/multipart_parser.hpp"

#include <algorithm>

#include "local/http/message.hpp"

namespace daytona::local::toolbox {

namespace {

constexpr std::size_t longest_head = 16 * 1024;
constexpr std::size_t longest_boundary = 200;
constexpr std::string_view blanks = " \t";

/// Takes a value off the front of `text`: quoted, with `\` before what stands for itself, or up to the next `;`.
std::string take_value(std::string_view& text) {
  std::string value;
  if (!text.starts_with('"')) {
    const auto end = std::min(text.find(';'), text.size());
    value = http::without_blanks(text.substr(0, end));
    text.remove_prefix(end);
    return value;
  }
  text.remove_prefix(1);
  while (!text.empty() && text[0] != '"') {
    if (text[0] == '\\' && text.size() > 1 && (text[1] == '"' || text[1] == '\\')) text.remove_prefix(1);
    value += text[0];
    text.remove_prefix(1);
  }
  return value;
}

/// The value of a parameter behind the first `;`, as `name="x"` has it.
std::optional<std::string> find_parameter(std::string_view text, std::string_view name) {
  for (auto at = text.find(';'); at != std::string_view::npos; at = text.find(';')) {
    text.remove_prefix(at + 1);
    const auto equals = text.find_first_of("=;");
    if (equals == std::string_view::npos) return std::nullopt;
    if (text[equals] == ';') continue;
    const auto found = http::without_blanks(text.substr(0, equals));
    text.remove_prefix(equals + 1);
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    std::string value = take_value(text);
    if (http::equal_ignoring_case(found, name)) return value;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> form_boundary(std::string_view content_type) {
  const auto type = http::without_blanks(content_type.substr(0, content_type.find(';')));
  if (!http::equal_ignoring_case(type, "multipart/form-data")) return std::nullopt;
  auto boundary = find_parameter(content_type, "boundary");
  if (!boundary || boundary->empty() || boundary->size() > longest_boundary) return std::nullopt;
  return boundary;
}

form_part parse_part_head(std::string_view fields) {
  form_part part;
  while (!fields.empty()) {
    const auto end = std::min(fields.find("\r\n"), fields.size());
    const auto line = fields.substr(0, end);
    fields.remove_prefix(std::min(end + 2, fields.size()));
    const auto colon = std::min(line.find(':'), line.size());
    if (!http::equal_ignoring_case(http::without_blanks(line.substr(0, colon)), "Content-Disposition")) continue;
    part.name = find_parameter(line.substr(colon), "name").value_or("");
    part.has_filename = find_parameter(line.substr(colon), "filename").has_value() ||
                        find_parameter(line.substr(colon), "filename*").has_value();
  }
  return part;
}

void multipart_parser::put(std::string_view bytes) {
  held_.erase(0, place_);
  place_ = 0;
  held_.append(bytes);
}

multipart_parser::event multipart_parser::next() {
  for (;;) {
    const event found = step();
    if (found == event::malformed) state_ = state::malformed;
    if (found != event::data || state_ == state::content) return found;
  }
}

multipart_parser::event multipart_parser::step() {
  switch (state_) {
    case state::preamble:
    case state::content:
      return find_delimiter();
    case state::delimiter:
      return take_delimiter();
    case state::head:
      return take_head();
    case state::end:
      return event::end;
    case state::malformed:
      break;
  }
  return event::malformed;
}

/// Everything up to the delimiter, or up to where one could begin, is content, or, before the first part, nothing.
multipart_parser::event multipart_parser::find_delimiter() {
  const auto text = left();
  const auto found = text.find(delimiter_);
  const std::size_t could_begin = text.size() - std::min(text.size(), delimiter_.size() - 1);
  data_ = text.substr(0, found == std::string_view::npos ? could_begin : found);
  place_ += data_.size();
  if (!data_.empty()) return event::data;
  if (found == std::string_view::npos) return event::needs_more;
  return take_delimiter();
}

/// What follows says whether it is one: `--` after the last part, a line's end before the next one; else it is content that looks like one.
multipart_parser::event multipart_parser::take_delimiter() {
  const bool was_in_part = state_ == state::content;
  auto behind = left().substr(delimiter_.size());
  if (behind.size() < 2) return event::needs_more;
  if (behind.starts_with("--")) {
    state_ = was_in_part ? state::delimiter : state::end;
    return was_in_part ? event::part_end : event::end;
  }
  const auto end = std::min(behind.find_first_not_of(blanks), behind.size());
  behind.remove_prefix(end);
  if (behind.size() < 2) return end > longest_boundary ? event::malformed : event::needs_more;
  if (!behind.starts_with("\r\n")) {
    data_ = left().substr(0, delimiter_.size());
    place_ += delimiter_.size();
    return event::data;
  }
  if (was_in_part) {
    state_ = state::delimiter;
    return event::part_end;
  }
  place_ += delimiter_.size() + end + 2;
  state_ = state::head;
  return take_head();
}

multipart_parser::event multipart_parser::take_head() {
  const auto text = left();
  const std::size_t end = text.starts_with("\r\n") ? 0 : text.find("\r\n\r\n");
  if (end == std::string_view::npos && text.size() <= longest_head) return event::needs_more;
  if (end == std::string_view::npos || end > longest_head) return event::malformed;
  part_ = parse_part_head(text.substr(0, end));
  place_ += end == 0 ? 2 : end + 4;
  state_ = state::content;
  return event::part;
}

}  // namespace daytona::local::toolbox
