// What a proxy answers to CONNECT. The first byte of the input is the size of the pieces it comes in.
#include "fuzz.hpp"
#include "protocol/proxy.hpp"

namespace {

using namespace daytona;
using fuzz::hold;
using state = protocol::tunnel_answer::state;

bool is_word(std::string_view text) {
  for (const char c : text)
    if (c < ' ' || c > '~') return false;
  return text.size() <= 200;
}

/// The verdict on `received`, which holds what is promised of every one.
protocol::tunnel_answer judged(std::string_view received) {
  constexpr std::string_view end_of_header = "\r\n\r\n";
  auto answer = protocol::read_tunnel_answer(received);
  hold(is_word(answer.reason) && is_word(answer.challenge));
  hold(answer.challenge.find(' ') == std::string::npos);
  const auto end = received.find(end_of_header);
  if (answer.what == state::incomplete)
    hold(received.size() <= protocol::max_tunnel_answer && end == std::string_view::npos);
  if (answer.what == state::open) {
    hold(received.starts_with("HTTP/1.") && end + end_of_header.size() == received.size());
    hold(answer.status >= 200 && answer.status < 300);
  }
  if (answer.what == state::refused) hold(answer.status < 200 || answer.status >= 300);
  return answer;
}

/// The verdict that ends the reading, as more and more comes.
protocol::tunnel_answer read_in_pieces(std::string_view bytes, std::size_t piece, std::size_t& read) {
  protocol::tunnel_answer answer;
  for (read = 0; read < bytes.size() && answer.what == state::incomplete;) {
    read = std::min(bytes.size(), read + piece);
    answer = judged(bytes.substr(0, read));
  }
  return answer;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto input = fuzz::text_of(data, size);
  const std::size_t piece = 1 + fuzz::take_byte(input) % 64;
  const auto whole = judged(input);
  std::size_t read = 0;
  const auto pieces = read_in_pieces(input, piece, read);

  if (input.size() > protocol::max_tunnel_answer)
    return 0;  // then it is also a matter of how much was there to be read

  // Bytes behind an answer are nobody's: whether they came with it or not, there is no tunnel that begins with them.
  if (whole.what == state::open) hold(pieces.what == state::open && read == input.size());
  if (whole.what == state::refused) hold(pieces.what == state::refused && pieces.status == whole.status);
  if (whole.what == state::incomplete) hold(pieces.what == state::incomplete);
  if (pieces.what == state::invalid) hold(whole.what == state::invalid);
  return 0;
}
