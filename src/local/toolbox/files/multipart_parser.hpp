#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace daytona::local::toolbox {

/// What the head of a part of a form says of it.
struct form_part {
  std::string name;
  bool has_filename = false;
};

/// The boundary of a `multipart/form-data` body, from its content type; absent if it is another type or has none.
std::optional<std::string> form_boundary(std::string_view content_type);
/// From the fields between a boundary and the content of its part.
form_part parse_part_head(std::string_view fields);

/// Takes a `multipart/form-data` body apart as its bytes come, in pieces of any size; holds no more of it than a head or a boundary.
class multipart_parser {
 public:
  enum class event {
    needs_more,  ///< `put()`, or the body is cut
    part,        ///< `part()` has begun
    data,        ///< `data()` belongs to it
    part_end,
    end,  ///< The last boundary was there. What follows means nothing.
    malformed,
  };

  explicit multipart_parser(std::string_view boundary) : delimiter_{"\r\n--" + std::string{boundary}}, held_{"\r\n"} {}

  void put(std::string_view bytes);
  event next();
  const form_part& part() const { return part_; }
  /// Lives until the next `put()`.
  std::string_view data() const { return data_; }

 private:
  enum class state { preamble, delimiter, head, content, end, malformed };

  std::string_view left() const { return std::string_view{held_}.substr(place_); }
  event step();
  event find_delimiter();
  event take_delimiter();
  event take_head();

  std::string delimiter_;
  std::string held_;
  std::size_t place_ = 0;  // what is before it is done with
  state state_ = state::preamble;
  form_part part_;
  std::string_view data_;
};

}  // namespace daytona::local::toolbox
