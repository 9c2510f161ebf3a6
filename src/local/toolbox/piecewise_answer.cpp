#include "local/toolbox/piecewise_answer.hpp"

#include <daytona/text_decoder.hpp>

#include <algorithm>
#include <optional>
#include <utility>

#include "model/json_writer.hpp"

namespace asio = boost::asio;

namespace daytona::local::toolbox {

namespace {

constexpr std::size_t longest_piece = 256 * 1024;
constexpr std::size_t read_at_once = 64 * 1024;

}  // namespace

piecewise_answer::piecewise_answer(http::exchange& exchange, std::string_view content_type)
    : exchange_{exchange}, content_type_{content_type} {}

asio::awaitable<void> piecewise_answer::pass_on() {
  if (text_.size() < longest_piece) co_return;
  exchange_.hold_memory(text_.capacity());
  if (!std::exchange(has_begun_, true)) {
    http::header_fields headers;
    headers.set("Content-Type", content_type_);
    std::optional<std::uint64_t> unknown;
    co_await exchange_.begin(200, std::move(headers), unknown);
  }
  const std::string now = std::exchange(text_, {});
  co_await exchange_.write(now);
}

asio::awaitable<void> piecewise_answer::finish() {
  if (!has_begun_) {
    http::response whole{200, std::move(text_), content_type_};
    co_await exchange_.respond(std::move(whole));
    co_return;
  }
  co_await exchange_.write(text_);
  co_await exchange_.finish();
}

void append_json_escaped(std::string& out, std::string_view text) {
  const auto begin = out.size();
  model::json_writer{out}.value(text);
  out.pop_back();  // both quotes
  out.erase(begin, 1);
}

asio::awaitable<void> write_json_text(piecewise_answer& answer, std::string_view text) {
  if (text.size() <= read_at_once) {
    model::json_writer{answer.text()}.value(text);
    co_return;
  }
  text_decoder decoder;
  answer.text() += '"';
  while (!text.empty()) {
    append_json_escaped(answer.text(), decoder.put(text.substr(0, read_at_once)));
    text.remove_prefix(std::min(text.size(), read_at_once));
    co_await answer.pass_on();
  }
  append_json_escaped(answer.text(), decoder.finish());
  answer.text() += '"';
}

}  // namespace daytona::local::toolbox
