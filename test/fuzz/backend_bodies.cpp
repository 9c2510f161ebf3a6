// What clients tell the local backend: bodies of creations, labels, queries of lists, fields of toolbox requests. The first byte of the input chooses.
#include <stdexcept>

#include "fuzz.hpp"
#include "local/control/create_request.hpp"
#include "local/control/list_query.hpp"
#include "local/http/http_error.hpp"
#include "local/toolbox/request_fields.hpp"

namespace {

using namespace daytona;
using fuzz::hold;

/// Runs `step`, which may refuse with a 4xx.
template <class Step>
void refusing(const Step& step) {
  try {
    step();
  } catch (const local::http::http_error& error) {
    hold(error.status() >= 400 && error.status() < 500 && *error.what() != '\0');
  }
}

void check_create(std::string_view text) {
  refusing([&] {
    const auto sandbox = local::read_create_request(text);
    hold(sandbox.cpu >= 0 && !sandbox.user.empty());
  });
}

void check_list(std::string_view text) {
  model::sandbox_data one;
  one.id = one.name = "one";
  one.state = "started";
  const local::sandbox_list all{&one};
  const local::http::query query{text};
  refusing([&] {
    const auto wanted = local::read_cursor_query(query);
    const auto page = local::page_behind_cursor(wanted, all);
    hold(page.items.size() <= all.size() && wanted.limit >= 1 && wanted.limit <= 200);
  });
  refusing([&] { hold(local::matching(local::read_page_query(query), all).size() <= all.size()); });
}

void check_toolbox(std::string_view text) {
  try {
    const local::toolbox::request_fields fields{text};
    static_cast<void>(fields.text("command"));
    static_cast<void>(fields.text_map("envs"));
    static_cast<void>(fields.seconds("timeout"));
    static_cast<void>(fields.texts("argv"));
  } catch (const std::invalid_argument& refused) {
    hold(*refused.what() != '\0');
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto input = fuzz::text_of(data, size);
  switch (fuzz::take_byte(input) % 4) {
    case 0:
      check_create(input);
      break;
    case 1:
      refusing([&] { local::read_labels_request(input); });
      break;
    case 2:
      check_list(input);
      break;
    default:
      check_toolbox(input);
      break;
  }
  return 0;
}
