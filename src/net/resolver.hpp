#pragma once

#include <boost/asio/ip/address.hpp>

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "net/name_lookup.hpp"
#include "net/operation.hpp"

namespace daytona::net {

/// Finds the addresses of a name without ever blocking an io_context or its destructor: names are looked up on up to four detached threads, started on
/// first use, which hold nothing of the caller's. They end with the resolver, as soon as the system lets them.
///
/// One lookup serves all who ask for the same name at the same time, and, as `getaddrinfo` tells no time to live, whoever asks within `time_to_live`.
/// A failure is told to those who waited for it, and not kept. What nobody waits for any more before a thread has come to it is not asked. Any thread.
class resolver {
 public:
  static constexpr std::chrono::seconds time_to_live{30};
  static constexpr std::size_t max_names = 256;  ///< Kept at once.

  explicit resolver(name_lookup lookup = system_lookup);
  ~resolver();
  resolver(const resolver&) = delete;
  resolver& operator=(const resolver&) = delete;

  /// At least one address, or `ec`. An address is its own answer, and a name under `.localhost` is loopback, without asking.
  awaitable<std::vector<asio::ip::address>> resolve(operation& op, std::string host, error_code& ec);
  /// The addresses of `host` were of no use: the next call asks anew.
  void forget(const std::string& host);

 private:
  struct question;
  class attendance;
  class worker_pool;
  struct known_name {
    std::shared_ptr<question> asked;  // while it is open, and until someone looks at its answer
    std::vector<asio::ip::address> addresses;
    std::optional<steady_time> learned;
  };

  std::shared_ptr<question> ask(const std::string& host, steady_time now, std::vector<asio::ip::address>& known);
  void learn(const question& answered, steady_time now);
  static void take_answer(known_name& name, steady_time now);
  void make_room();
  void drop_abandoned();

  std::shared_ptr<worker_pool> workers_;
  std::mutex mutex_;
  std::map<std::string, known_name> names_;
};

}  // namespace daytona::net
