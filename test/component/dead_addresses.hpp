#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <vector>

namespace daytona::test {

namespace asio = boost::asio;

inline const auto v4 = asio::ip::address(asio::ip::make_address("127.0.0.1"));
inline const auto v6 = asio::ip::address(asio::ip::make_address("::1"));

/// An address and port that never answer a connect, as a dead host does, without any network: a listener whose queue is full, so that the kernel drops
/// what comes.
class black_hole {
 public:
  explicit black_hole(const asio::ip::address& address, std::uint16_t port = 0) : listener_(io_) {
    const asio::ip::tcp::endpoint where{address, port};
    listener_.open(where.protocol());
    if (address.is_v6()) listener_.set_option(asio::ip::v6_only(true));
    listener_.set_option(asio::socket_base::reuse_address(true));
    listener_.bind(where);
    listener_.listen(0);
    asio::ip::tcp::socket filler{io_};
    filler.connect(listener_.local_endpoint());
    fillers_.push_back(std::move(filler));
  }
  std::uint16_t port() const { return listener_.local_endpoint().port(); }

 private:
  asio::io_context io_;
  asio::ip::tcp::acceptor listener_;
  std::vector<asio::ip::tcp::socket> fillers_;
};

/// Holes on one port; to be in place before a fixture counts descriptors.
struct holes {
  explicit holes(std::initializer_list<asio::ip::address> dead) {
    for (const auto& address : dead) all.push_back(std::make_unique<black_hole>(address, port()));
  }
  std::uint16_t port() const { return all.empty() ? std::uint16_t{0} : all.front()->port(); }
  std::vector<std::unique_ptr<black_hole>> all;
};

}  // namespace daytona::test
