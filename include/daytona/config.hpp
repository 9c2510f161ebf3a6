#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "daytona/detail/export.hpp"
#include "daytona/tracing.hpp"

namespace daytona::inline v0 {

/// How TLS peers are verified and this client identifies itself. Verification of peer and host name is on.
struct DAYTONA_API tls_options {
  tls_options();

  /// PEM file of certificate authorities to trust instead of the system's. Empty = the system's.
  std::string ca_file;
  /// PEM text of certificate authorities to trust instead of the system's, or in addition to `ca_file`. Empty = none.
  std::string ca_pem;
  /// PEM file with this client's certificate chain. Empty = none.
  std::string certificate_file;
  /// PEM file with the private key of `certificate_file`. Empty = it is in `certificate_file`.
  std::string private_key_file;
  /// Accepts any certificate of any host. For experiments alone: whoever sits on the path reads your key.
  bool insecure_skip_verification = false;
};

/// HTTP proxies on the way. None unless set here, or read by `config::from_env()`.
///
/// Every connection is a tunnel that the proxy opens (CONNECT), for `http://` servers and WebSockets too: the proxy sees where to, and neither answers in
/// the server's stead nor changes anything. It must permit CONNECT to the servers' ports. Names are resolved by the proxy. Loopback addresses, `localhost` and names
/// under it are always reached directly.
struct DAYTONA_API proxy_options {
  proxy_options();

  /// Proxy for all servers: `http://[user[:password]@]host[:port]`, or `https://…` for a proxy that is itself reached over TLS; without a scheme it is
  /// http, without a port the scheme's own. User and password, percent-encoded where needed, are sent to the proxy alone, by the Basic scheme. Empty = none.
  std::string url;
  /// Proxy for `http://` servers. Empty = `url`.
  std::string http_url;
  /// Proxy for `https://` servers. Empty = `url`.
  std::string https_url;
  /// Servers that are reached directly, apart by commas or blanks, each with `:port` behind it or not: `example.com` and `.example.com` for the name and
  /// all below it, `*.example.com` for what is below it, an IP address, a network like `10.0.0.0/8`, or `*` for all. Compared with the name in the URL, which
  /// is not resolved for it. Empty = none.
  std::string no_proxy;
  /// Trust and identity towards an `https://` proxy. `config::tls` is for the servers behind it.
  tls_options tls;
};

/// What the client repeats by itself: only requests that provably did not run, or that are idempotent.
struct DAYTONA_API retry_options {
  retry_options();

  /// Attempts in all, 1 = no retry. Default 3.
  unsigned max_attempts = 3;
  /// Upper bound of the first pause; it doubles each time, and the pause is drawn evenly from [0, bound] (full jitter). Default 250 ms, 0 = no pause.
  std::chrono::milliseconds base_delay{250};
  /// Upper bound of any pause. Default 5 s, 0 = no pause. A `Retry-After` of the server is followed instead, if the call's deadline allows it.
  std::chrono::milliseconds max_delay{5000};
};

/// Everything a client needs to know, as plain members. Copying is independent of the original; a client keeps its own copy.
struct DAYTONA_API config {
  config();

  /// Completes `explicit_values` from the environment: DAYTONA_API_KEY, DAYTONA_JWT_TOKEN, DAYTONA_ORGANIZATION_ID, DAYTONA_API_URL,
  /// DAYTONA_SERVER_URL (deprecated), DAYTONA_TARGET, DAYTONA_OTEL_ENABLED, DAYTONA_EXPERIMENTAL_OTEL_ENABLED (exactly `true`), and
  /// DAYTONA_HAPPY_EYEBALLS_DELAY (seconds with a fraction, or `none` for one address after the other; throws `errc::invalid_argument` if it is neither).
  ///
  /// Also the proxy: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY into `proxy`, each also in lower case, which wins. If a proxy is given explicitly, only
  /// NO_PROXY is read. HTTP_PROXY in upper case is passed over where REQUEST_METHOD is set: in a CGI program it comes from a request's header `Proxy`.
  ///
  /// A value given explicitly wins; an empty text counts as unset. With a JWT given and no key, DAYTONA_API_KEY is not looked at. Reads nothing
  /// else: no `.env` file, and the environment is never written. DAYTONA_USE_DEPRECATED_POLLING is not read either: waits poll, there is nothing to turn off.
  static config from_env(config explicit_values = config());

  /// API key; wins over a JWT when both are set. Empty = unset.
  std::string api_key;
  /// OIDC access token; needs `organization_id`. Empty = unset.
  std::string jwt_token;
  /// Gives the JWT of each attempt instead of `jwt_token`; may suspend to renew it. Called on the call's executor. What it throws ends the call as it
  /// is. It is cancelled with its call, which ends when the provider does.
  std::function<boost::asio::awaitable<std::string>()> jwt_provider;
  /// Organization for JWT authentication. Not sent with an API key, which has its own.
  std::string organization_id;
  /// Base of the API, with its `/api`. Empty = `https://app.daytona.io/api`. Trailing slashes do not matter.
  std::string api_url;
  /// Deprecated alias of `api_url`, used only if that is empty.
  std::string server_url;
  /// Region for new sandboxes, by name or id. Empty = the organization's default.
  std::string target;
  /// As the other SDKs have it; absent = off. Nothing depends on it yet: this library exports no telemetry itself, see `on_trace` and `traceparent`.
  std::optional<bool> otel_enabled;

  /// Deadline of a call that names no other, over everything from the wait for a connection to the last byte. Default 60 s, 0 = none.
  std::chrono::milliseconds request_timeout{60'000};
  /// Bound of resolve + connect + proxy + TLS of one connection. Default 10 s, 0 = none but the call's deadline.
  std::chrono::milliseconds connect_timeout{10'000};
  /// How long an attempt to connect to one of a server's addresses is alone before one to the next joins it (Happy Eyeballs, RFC 8305). Absent = 250 ms,
  /// 0 = all at once, `std::chrono::milliseconds::max()` = each waits until the one before has failed.
  std::optional<std::chrono::milliseconds> happy_eyeballs_delay;

  /// Connections to one origin, idle ones included. Default 4096, 0 = no limit. Calls beyond it wait in order.
  std::size_t max_connections_per_origin = 4096;
  /// Calls that wait for a connection to one origin; one more ends at once with `errc::too_many_waiting`. Default 0 = no limit but their deadlines.
  std::size_t max_waiting_calls_per_origin = 0;
  /// Connections being established to one origin at the same time. Default 50, 0 = no limit.
  std::size_t max_connecting = 50;
  /// Idle connections kept to one origin. Default 64, 0 = none: each call makes its own.
  std::size_t max_idle_per_origin = 64;
  /// A connection that was idle so long is not used again. Default 55 s (below the usual 60 s of proxies), 0 = none is.
  std::chrono::milliseconds idle_timeout{55'000};
  /// A connection older than this is not used again, so that changed addresses are noticed. Default 10 min, 0 = no limit.
  std::chrono::milliseconds max_connection_age{600'000};

  /// Largest header of an answer, in bytes, at least 1. Default 64 KiB.
  std::size_t max_response_header = 64 * 1024;
  /// Largest body of an answer that is kept in memory, in bytes, at least 1. Default 64 MiB. Streams and downloads are not bound by it.
  std::size_t max_response_body = 64 * 1024 * 1024;

  /// Bytes of one stream (log, terminal, interpreter) that are kept until the program asks for them; then nothing more is read of it, so that the server
  /// has to wait. The server's pings behind what is not read are answered when the program asks again; the stream's own go out all the while. At least 1.
  /// Default 256 KiB.
  std::size_t max_stream_buffer = 256 * 1024;
  /// Largest message of a WebSocket, in bytes, at least 1; one above it ends the stream with `errc::response_too_large`. Default 64 MiB. A message is not
  /// kept as a whole unless the stream's protocol demands it.
  std::size_t max_web_socket_message = 64 * 1024 * 1024;
  /// How often a stream sends a ping, so that nothing on the way takes it for dead. Default 20 s, 0 = never. If nothing came for three times as long, not
  /// even an answer, the connection is lost.
  std::chrono::milliseconds ping_interval{20'000};

  tls_options tls;
  proxy_options proxy;
  retry_options retry;

  /// Appended to the user agent `sdk-cpp/<version>`, for example "my-service/1.2". Empty = nothing.
  std::string user_agent_suffix;
  /// Told of every attempt. Empty = none, which costs nothing.
  trace_handler on_trace;
  /// Gives the W3C `traceparent` to send with a request; empty text = none. Called on the call's executor.
  std::function<std::string()> traceparent;
};

}  // namespace daytona::inline v0
