#include <daytona/text_decoder.hpp>

#include "model/utf8.hpp"

namespace daytona::inline v0 {

std::string text_decoder::put(std::string_view bytes) {
  std::string text = std::move(held_);
  text.append(bytes);
  held_ = text.substr(text.size() - model::utf8_incomplete_tail(text));
  text.resize(text.size() - held_.size());
  if (!model::is_utf8(text)) text = model::replace_invalid_utf8(text);
  return text;
}

std::string text_decoder::finish() {
  auto text = model::replace_invalid_utf8(held_);
  held_.clear();
  return text;
}

}  // namespace daytona::inline v0
