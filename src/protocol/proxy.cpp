#include "protocol/proxy.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <fmt/format.h>

#include <algorithm>

#include "model/base64.hpp"
#include "model/headers.hpp"
#include "protocol/arguments.hpp"

namespace daytona::protocol {
namespace {

namespace http = boost::beast::http;

std::string basic_authorization(const boost::urls::url_view& url) {
  if (!url.has_userinfo()) return {};
  const auto user = url.encoded_user().decode();
  const auto password = url.encoded_password().decode();
  return "Basic " + model::encode_base64(fmt::format("{}:{}", std::string_view(user), std::string_view(password)));
}

std::optional<proxy_address> read(std::string_view text, std::string_view name) {
  if (text.empty()) return std::nullopt;
  auto proxy = parse_proxy_url(text);
  if (!proxy) throw_invalid_argument("make a client", fmt::format("proxy.{}: {}", name, proxy.error().what));
  return *std::move(proxy);
}

/// A proxy's words, which go into messages: short, and nothing but printable ASCII.
std::string printable(std::string_view text) {
  std::string shown(text.substr(0, 200));
  std::replace_if(shown.begin(), shown.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return shown;
}

/// The header of an answer to CONNECT; what follows it is never its body.
class header_reader final : public http::basic_parser<false> {
 public:
  explicit header_reader(tunnel_answer& answer) : answer_(answer) {
    skip(true);
    header_limit(max_tunnel_answer);
  }

 private:
  using view = boost::beast::string_view;
  using parser_error = boost::beast::error_code;

  void on_request_impl(http::verb, view, view, int, parser_error&) override {}
  void on_response_impl(int code, view reason, int, parser_error&) override {
    answer_.status = static_cast<unsigned>(code);
    answer_.reason = printable({reason.data(), reason.size()});
  }
  void on_field_impl(http::field name, view, view value, parser_error&) override {
    if (name != http::field::proxy_authenticate || !answer_.challenge.empty()) return;
    const std::string_view text(value.data(), value.size());
    answer_.challenge = printable(text.substr(0, text.find(' ')));
  }
  void on_header_impl(parser_error&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, parser_error&) override {}
  std::size_t on_body_impl(view body, parser_error&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, view, parser_error&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, view body, parser_error&) override { return body.size(); }
  void on_finish_impl(parser_error&) override {}

  tunnel_answer& answer_;
};

}  // namespace

std::string proxy_address::place() const { return host_and_port(host, port); }

boost::system::result<proxy_address, url_failure> parse_proxy_url(std::string_view text) {
  const bool has_scheme = text.find("://") != std::string_view::npos;
  const auto whole = has_scheme ? std::string(text) : fmt::format("http://{}", text);
  const auto parsed = boost::urls::parse_uri({whole.data(), whole.size()});
  if (!parsed) return url_failure{"it is not a URL; write http://[user:password@]host:port"};

  auto bare = boost::urls::url(*parsed);
  bare.remove_userinfo();
  const std::string_view without_user(bare.buffer().data(), bare.buffer().size());
  auto base = parse_base_url(without_user);
  if (!base) return url_failure{base.error().what};
  if (!base->path.empty()) return url_failure{"it must have no path"};

  proxy_address proxy;
  proxy.is_tls = base->is_tls;
  proxy.host = std::move(base->host);
  proxy.port = base->port;
  proxy.authorization = basic_authorization(*parsed);
  return proxy;
}

proxy_rules::proxy_rules(const proxy_options& options)
    : http_(read(options.http_url.empty() ? options.url : options.http_url,
                 options.http_url.empty() ? "url" : "http_url")),
      https_(read(options.https_url.empty() ? options.url : options.https_url,
                  options.https_url.empty() ? "url" : "https_url")),
      direct_(options.no_proxy) {}

const proxy_address* proxy_rules::proxy_for(bool tls, std::string_view host, std::uint16_t port) const {
  const auto& proxy = tls ? https_ : http_;
  if (!proxy || is_loopback(host) || direct_.covers(host, port)) return nullptr;
  return &*proxy;
}

std::string tunnel_request(std::string_view host, std::uint16_t port, const proxy_address& proxy) {
  const auto target = host_and_port(host, port);
  auto request = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n", target);
  if (!proxy.authorization.empty()) request += fmt::format("Proxy-Authorization: {}\r\n", proxy.authorization);
  return request + "\r\n";
}

tunnel_answer read_tunnel_answer(std::string_view received) {
  using state = tunnel_answer::state;
  constexpr std::string_view beginning = "HTTP/1.";
  constexpr std::string_view end_of_header = "\r\n\r\n";
  tunnel_answer answer;
  const auto begun = std::min(received.size(), beginning.size());
  if (received.substr(0, begun) != beginning.substr(0, begun)) {
    answer.what = state::invalid;
    return answer;
  }
  const auto end = received.find(end_of_header);
  if (end == std::string_view::npos || end > max_tunnel_answer) {
    answer.what = received.size() > max_tunnel_answer ? state::too_large : state::incomplete;
    return answer;
  }

  const auto size = end + end_of_header.size();
  boost::beast::error_code ec;
  header_reader reader{answer};
  reader.put(boost::asio::const_buffer(received.data(), size), ec);
  if (ec || !reader.is_header_done())
    answer.what = state::invalid;
  else if (answer.status < 200 || answer.status >= 300)
    answer.what = state::refused;
  else
    answer.what = received.size() == size ? state::open : state::invalid;
  return answer;
}

}  // namespace daytona::protocol
