// What the toolbox is told of terminals and of Python programs: requests, the client's side of a terminal's socket, programs to be run, and what a worker
// says, which the programs in it can say too. The first byte chooses.
#include <daytona/text_decoder.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fuzz.hpp"
#include "local/http/http_error.hpp"
#include "local/toolbox/interpreter/execution_order.hpp"
#include "local/toolbox/interpreter/worker_report.hpp"
#include "local/toolbox/pty/pty_limits.hpp"
#include "local/toolbox/pty/pty_request.hpp"
#include "local/toolbox/pty/whole_messages.hpp"
#include "model/json_value.hpp"
#include "net/web_socket.hpp"

namespace {

using namespace daytona;
using namespace daytona::local::toolbox;
using fuzz::hold;
namespace asio = boost::asio;
namespace ws = protocol::web_socket;

// ---- terminals: requests

bool fits(terminal_size size) { return size.cols >= 1 && size.cols <= 1000 && size.rows >= 1 && size.rows <= 1000; }

/// Runs `read`, which may refuse with 400 and a reason.
template <class Read>
void refusing_400(const Read& read) {
  try {
    read();
  } catch (const local::http::http_error& refused) {
    hold(refused.status() == 400 && !refused.message().empty());
  }
}

void check_pty_request(const pty_request& request) {
  hold(!request.id.empty() && request.id.size() <= 1024 && fits(request.size));
  hold(request.cwd.find('\0') == std::string::npos);
  for (const auto& [name, value] : request.envs)
    hold(!name.empty() && name.find('=') == std::string::npos && (name + value).find('\0') == std::string::npos);
}

/// A query, and behind a line break the subprotocols that are offered.
void check_create_connect(std::string_view text) {
  const auto end = std::min(text.find('\n'), text.size());
  local::http::request_head head;
  head.target = "/process/pty/create-connect?" + std::string{text.substr(0, end)};
  if (end < text.size()) head.headers.add("Sec-WebSocket-Protocol", text.substr(end + 1));
  refusing_400([&] { check_pty_request(read_create_connect(head)); });
  static_cast<void>(wants_exit_message(head));
}

// ---- terminals: sockets

/// A connection over which `bytes` come in pieces, and then its end. What is sent over it goes to `answers`. Both outlive it.
class scripted_connection final : public net::stream {
 public:
  scripted_connection(std::string_view bytes, std::size_t piece, std::string& answers)
      : rest_{bytes}, piece_{piece}, answers_{answers} {}

  net::awaitable<std::size_t> read_some(net::operation& op, asio::mutable_buffer buffer, net::error_code& ec) override {
    co_await asio::post(op.executor(), asio::use_awaitable);
    const bool is_stopped = op.stopped() != net::stop_cause::none;
    ec = {};
    if (is_stopped) ec = asio::error::operation_aborted;
    if (!is_stopped && rest_.empty()) ec = asio::error::eof;
    if (ec) co_return 0;
    const auto size = std::min({piece_, rest_.size(), buffer.size()});
    std::memcpy(buffer.data(), rest_.data(), size);
    rest_.remove_prefix(size);
    co_return size;
  }
  std::size_t write_now(net::operation&, asio::const_buffer bytes, net::error_code&) override { return keep(bytes); }
  net::awaitable<std::size_t> write(net::operation&, asio::const_buffer bytes, net::error_code&) override {
    co_return keep(bytes);
  }
  bool is_quiet() noexcept override { return false; }
  void close() noexcept override {}

 private:
  std::size_t keep(asio::const_buffer bytes) {
    answers_.append(static_cast<const char*>(bytes.data()), bytes.size());
    return bytes.size();
  }

  std::string_view rest_;
  std::size_t piece_;
  std::string& answers_;
};

/// As the toolbox types what comes, until the client is gone.
asio::awaitable<void> type_all(std::shared_ptr<net::web_socket> socket, std::string& typed) {
  const std::optional<std::chrono::nanoseconds> no_limit;
  const auto op = co_await net::begin_operation(no_limit);
  net::web_socket_inbox inbox;
  net::error_code error;
  std::string begun;
  for (bool more = true; more;) {
    more = co_await net::web_socket::receive(socket, op, inbox, error);
    for (const auto& message : whole_messages(inbox, begun)) typed += message;
  }
}

/// What one side sent, read by the other.
struct sent_frames {
  std::string messages, begun;  ///< Those that are whole, one behind the other; and the beginning of one that is not.
  std::vector<std::string> pings, pongs;
  std::optional<std::uint16_t> goodbye;  ///< Its code, or that of its violation, which is the last that is read.
  bool is_wrong = false;
};

sent_frames read_frames(ws::role own, std::string bytes, std::size_t max_message) {
  ws::frame_reader reader{own, max_message};
  sent_frames all;
  std::span<char> rest{bytes};
  std::optional<ws::violation> failure;
  while (!all.goodbye) {
    const auto piece = reader.next(rest, failure);
    if (!piece) break;
    if (piece->kind == ws::opcode::ping) all.pings.emplace_back(piece->bytes);
    if (piece->kind == ws::opcode::pong) all.pongs.emplace_back(piece->bytes);
    if (piece->kind < ws::opcode::close) all.begun += piece->bytes;
    if (piece->kind < ws::opcode::close && piece->ends_message) all.messages += std::exchange(all.begun, {});
    if (piece->kind != ws::opcode::close) continue;
    const auto notice = ws::parse_close(piece->bytes);
    all.is_wrong = !notice;
    all.goodbye = notice ? notice->code.value_or(ws::close_code::normal) : ws::close_code::protocol_error;
  }
  all.is_wrong = all.is_wrong || failure;
  if (failure) all.goodbye = failure->close_code;
  return all;
}

void check_socket(std::string_view text) {
  const std::size_t piece = 1 + std::size_t{fuzz::take_byte(text)};
  net::web_socket_settings settings;
  settings.own = ws::role::server;
  settings.max_message = settings.max_inbox = longest_input;
  settings.joins_messages = false;
  settings.ping_interval = std::chrono::milliseconds{0};
  std::string typed, answers;
  asio::io_context io{1};
  net::operation_registry registry;
  auto connection = std::make_unique<scripted_connection>(text, piece, answers);
  auto socket = net::web_socket::start(io.get_executor(), std::move(connection), {}, settings, registry, nullptr);
  asio::co_spawn(io, type_all(socket, typed), asio::detached);

  io.poll();

  hold(!socket->is_open());
  const auto asked = read_frames(ws::role::server, std::string{text}, longest_input);
  const auto told = read_frames(ws::role::client, answers, longest_input);
  hold(typed == asked.messages);
  hold(!told.is_wrong && told.messages.empty() && told.begun.empty() && told.pings.empty());
  hold(told.pongs == asked.pings && told.goodbye == asked.goodbye);
}

// ---- Python programs

/// Reads JSON that was written here.
std::string text_in(const model::json_value& object, std::string_view name) {
  const auto* const member = object.member(name);
  hold(member != nullptr && member->text().has_value());
  return std::string{*member->text()};
}

void check_order(std::string_view text) {
  try {
    auto order = read_execution_order(text);
    auto& request = order.request;
    hold(!request.code.empty());
    if (request.time_limit)
      hold(request.time_limit->count() >= 1 && request.time_limit->count() <= std::numeric_limits<std::int32_t>::max());
    for (const auto& [name, value] : request.environment)
      hold(!name.empty() && name.find('=') == std::string::npos && (name + value).find('\0') == std::string::npos);
    const auto code = request.code;
    const auto command = worker_command(request);
    hold(command.find('\n') == command.size() - 1);  // what it ends at for the worker
    const model::json_document document{command};
    hold(!document.failure() && text_in(document.root(), "code") == code);
    const auto* const variables = document.root().member("envs");
    for (const auto& [name, value] : request.environment) hold(text_in(*variables, name) == value);
  } catch (const execution_refusal& refused) {
    hold(refused.close_code() == ws::close_code::protocol_error ||
         refused.close_code() == ws::close_code::policy_violation);
    hold(*refused.what() != '\0');
  }
}

/// What a program's client is told, and what it should have been.
struct program_record {
  std::string wanted[2], told[2];
  text_decoder decoders[2];
  std::size_t controls = 0, errors = 0;

  void want(bool is_stderr, std::string_view bytes) { wanted[is_stderr] += decoders[is_stderr].put(bytes); }
  void take(const std::string& message) {
    const model::json_document document{message};
    hold(!document.failure() && controls == 0);
    const auto& root = document.root();
    const auto type = text_in(root, "type");
    const auto text = text_in(root, "text");
    const auto rest = text_in(root, "name") + text_in(root, "value") + text_in(root, "traceback");
    if (type == "stdout" || type == "stderr") {
      hold(rest.empty() && !text.empty() && errors == 0);
      told[type == "stderr"] += text;
    } else if (type == "error") {
      hold(text.empty() && ++errors == 1);
    } else {
      hold(type == "control" && (text == "completed" || text == "interrupted"));
      ++controls;
    }
  }
  /// It is over.
  void check(execution& program) {
    for (int n = 0; n < 2; ++n) wanted[n] += decoders[n].finish();
    while (const auto message = program.take_message()) take(*message);
    hold(program.is_over() && program.has_room() && told[0] == wanted[0] && told[1] == wanted[1]);
  }
};

/// Packets, each behind a byte that is its size, of one program after the other. "<" is none: the client takes a message then.
void check_worker(std::string_view text) {
  asio::io_context io{1};
  worker_report report;
  for (bool more = true; more;) {
    const auto program = std::make_shared<execution>(io.get_executor(), execution_request{}, nullptr);
    report.begin(program);
    program_record record;
    while (report.program() && !text.empty()) {
      const auto size = 1 + std::size_t{fuzz::take_byte(text)};
      const auto packet = text.substr(0, size);
      text.remove_prefix(packet.size());
      if (packet.empty()) break;  // no worker sends one
      const char kind = packet.front();
      if (kind == 'o' || kind == 'e') record.want(kind == 'e', packet.substr(1));
      const auto message = kind == '<' ? program->take_message() : std::nullopt;
      if (message) record.take(*message);
      if (report.take(packet) == worker_report::step::end_program) hold(report.end_program());
    }
    more = !report.program() && !text.empty();
    const bool is_told = program->is_over();
    program->end(ws::close_code::going_away, "worker process ended");
    record.check(*program);
    hold(record.controls == (is_told ? 1 : 0));
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto input = fuzz::text_of(data, size);
  switch (fuzz::take_byte(input) % 6) {
    case 0:
      refusing_400([&] { check_pty_request(read_create_body(std::string{input})); });
      break;
    case 1:
      refusing_400([&] { hold(fits(read_resize_body(std::string{input}))); });
      break;
    case 2:
      check_create_connect(input);
      break;
    case 3:
      check_socket(input);
      break;
    case 4:
      check_order(input);
      break;
    default:
      check_worker(input);
  }
  return 0;
}
