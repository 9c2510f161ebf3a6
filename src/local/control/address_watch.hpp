#pragma once

#include <boost/asio/ip/address.hpp>

#include <optional>
#include <vector>

#include "local/isolation/unique_fd.hpp"

namespace daytona::local {

/// The addresses of this machine, as they are now: read anew only once the kernel has told that one came or went. To read them
/// takes as long as there are interfaces, and whoever is in a sandbox can make it happen as often as he likes.
class address_watch {
 public:
  /// Without notices (no descriptor is left, or the machine doesn't give any) they are read each time.
  address_watch();

  const std::vector<boost::asio::ip::address>& addresses();
  /// How often they have been read.
  std::size_t readings() const { return readings_; }

 private:
  bool has_notice() const;

  unique_fd notices_;
  std::optional<std::vector<boost::asio::ip::address>> known_;
  std::size_t readings_ = 0;
};

}  // namespace daytona::local
