#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace daytona::local {

/// Notices that the machine's programs change: that dpkg's record does, or what lies in the folders that programs and libraries are in. The kernel tells;
/// while nothing changes nothing runs. Folders further down are not looked at.
class base_watch {
 public:
  /// `changed` is called on the executor, for each burst of changes at least once. It ends with `close` or this object.
  base_watch(boost::asio::any_io_executor executor, const std::filesystem::path& root, std::function<void()> changed);
  ~base_watch();
  base_watch(const base_watch&) = delete;
  base_watch& operator=(const base_watch&) = delete;

  /// Why it does not notice all; empty = it does.
  const std::string& failure() const { return failure_; }
  void close();

 private:
  struct state;
  std::shared_ptr<state> state_;
  std::string failure_;
};

}  // namespace daytona::local
