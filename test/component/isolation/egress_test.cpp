#include <boost/asio/ip/tcp.hpp>
#include <doctest/doctest.h>

#include <memory>

#include "escape_fixture.hpp"
#include "local/control/egress_proxy.hpp"
#include "local/control/running_sandbox.hpp"

namespace daytona::local::test {

namespace {

using tcp = asio::ip::tcp;

/// A sandbox whose way out leads to the egress proxy, and a server on this machine that nobody inside may reach.
struct egress_fixture : escape_fixture {
  explicit egress_fixture(bool allowed = false) {
    std::vector<std::string> allow;
    if (allowed) allow.push_back("localhost:" + port());
    const auto proxy = std::make_shared<egress_proxy>(egress_rules{allow})->service();
    live = std::make_shared<running_sandbox>(io.get_executor(), sandbox, proxy, [] {});
    live->start();
    machine.non_blocking(true);
  }
  ~egress_fixture() { live->close(); }

  std::string port() const { return std::to_string(machine.local_endpoint().port()); }
  bool was_reached() {
    boost::system::error_code nobody;
    machine.accept(nobody);
    return !nobody;
  }

  /// The status of each answer to: GET http://HOST:PORT/ and CONNECT HOST:PORT, sent to the proxy as they are.
  std::string statuses(const std::string& hosts, const std::string& at) {
    return attempt_python(
        "import socket\n"
        "def ask(text):\n"
        "    with socket.create_connection(('127.0.0.1', 3128)) as proxy:\n"
        "        proxy.settimeout(30)\n"
        "        proxy.sendall(text.encode())\n"
        "        return proxy.recv(4096).decode().split()[1]\n"
        "for host in '''" +
        hosts +
        "'''.split():\n"
        "    target = host + ':" +
        at +
        "'\n"
        "    get = ask('GET http://' + target + '/ HTTP/1.1\\r\\nHost: example.com\\r\\nConnection: "
        "close\\r\\n\\r\\n')\n"
        "    connect = ask('CONNECT ' + target.rsplit('@')[-1] + ' HTTP/1.1\\r\\nHost: example.com\\r\\n\\r\\n')\n"
        "    if (get, connect) != ('403', '403'): print(host, get, connect)\n");
  }

  asio::io_context machine_io;
  tcp::acceptor machine{machine_io, tcp::endpoint{tcp::v4(), 0}};
  std::shared_ptr<running_sandbox> live;
};

}  // namespace

TEST_CASE("escape: the proxy leads to no address of this machine or of a private network, however it is written") {
  egress_fixture inside;

  const auto others = inside.statuses(
      "127.0.0.1 127.1 127.0.1 2130706433 0x7f000001 0x7f.1 0177.0.0.1 017700000001 0.0.0.0 0 [::1] [::] "
      "[::ffff:127.0.0.1] "
      "[::ffff:7f00:1] [::127.0.0.1] [64:ff9b::7f00:1] [2002:7f00:1::] localhost LOCALHOST localhost. "
      "any.name.localhost "
      "example.com@127.0.0.1 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 [fe80::1] [fd00::1] [fd00::2] "
      "224.0.0.1 "
      "255.255.255.255",
      inside.port());

  CHECK(others == "");
  CHECK_FALSE(inside.was_reached());
}

TEST_CASE("escape: the proxy leads to none of the addresses that this machine has at present") {
  egress_fixture inside;
  std::string hosts;
  for (const auto& address : machine_addresses())
    hosts += address.is_v6() ? " [" + asio::ip::address_v6{address.to_v6().to_bytes()}.to_string() + "]"
                             : " " + address.to_string();

  CHECK(inside.statuses(hosts, inside.port()) == "");
  CHECK_FALSE(inside.was_reached());
}

TEST_CASE(
    "escape: a name that leads to this machine is judged by its address, and what is judged is what is connected to") {
  egress_fixture inside;
  // Every lookup of it gives the machine's own address, whatever a lookup before gave: there is one for each connection.
  CHECK(inside.statuses("localhost localhost localhost", inside.port()) == "");
  CHECK_FALSE(inside.was_reached());
}

TEST_CASE("escape: another sandbox can't be reached through the proxy") {
  egress_fixture inside;
  const auto other = inside.launch("other");
  inside.output_of(other,
                   "mkfifo /tmp/ready; python3 - >/dev/null 2>&1 <<'E' &\n"
                   "import http.server\n"
                   "server = http.server.ThreadingHTTPServer(('', 8080), http.server.SimpleHTTPRequestHandler)\n"
                   "open('/tmp/ready', 'w').close()\n"
                   "server.serve_forever()\n"
                   "E\n"
                   "cat /tmp/ready");

  // The proxy would not reach it either: its network is its own.
  CHECK(inside.statuses("127.0.0.1 localhost 0.0.0.0 [::1] other.localhost", "8080") == "");
}

TEST_CASE("escape: the proxy is no way to speak anything but HTTP, and to itself") {
  egress_fixture inside;

  CHECK(inside.statuses("127.0.0.1 localhost", "3128") == "");
  CHECK(inside
            .attempt("exec 5<>/dev/tcp/127.0.0.1/3128; printf 'GET / HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\n\\r\\n' >&5; "
                     "head -1 <&5")
            .starts_with("HTTP/1.1 400"));
}

TEST_CASE("escape: a flood of connections to the proxy leaves the control plane its descriptors") {
  egress_fixture inside;

  // The proxy waits ten seconds for the rest of a request; those that have waited longest make room at once.
  const auto output = inside.attempt_python(
      "import socket\n"
      "held = []\n"
      "for n in range(400):\n"
      "    held.append(socket.create_connection(('127.0.0.1', 3128)))\n"
      "    held[-1].sendall(b'G')\n"
      "def state(connection, patience):\n"
      "    connection.settimeout(patience)\n"
      "    try:\n"
      "        return 'closed' if connection.recv(1) == b'' else 'answered'\n"
      "    except ConnectionError:\n"
      "        return 'closed'\n"
      "    except OSError:\n"
      "        return 'open'\n"
      "print(*(state(each, 7) for each in held[:144]), *(state(each, 0.001) for each in held[144:]))\n");

  std::string expected;
  for (int n = 0; n < 144; ++n) expected += "closed ";
  for (int n = 144; n < 400; ++n) expected += n < 399 ? "open " : "open\n";
  CHECK(output == expected);
}

TEST_CASE("what a rule names is reached") {
  egress_fixture inside{true};
  inside.attempt("(exec 5<>/dev/tcp/127.0.0.1/3128; printf 'CONNECT localhost:" + inside.port() +
                 " HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n' >&5; head -1 <&5)");

  CHECK(inside.was_reached());
}

}  // namespace daytona::local::test
