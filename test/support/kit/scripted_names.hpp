#pragma once

#include <boost/asio/io_context.hpp>

#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <vector>

#include "net/name_lookup.hpp"
#include "net/operation.hpp"

namespace daytona::test {

namespace asio = boost::asio;

class script;

/// A name service of which each question is a step of a script: every name is that of loopback, or unknown if the step fails; the answer to one that hangs
/// comes when the test lets it go. The resolver's threads ask; what they hear is decided in the io_context of the test.
class scripted_names {
 public:
  scripted_names(asio::io_context& io, std::shared_ptr<script> plot);
  /// Waits for the threads that ask, whose client is to be gone.
  ~scripted_names();
  scripted_names(const scripted_names&) = delete;
  scripted_names& operator=(const scripted_names&) = delete;

  net::name_lookup lookup();
  void let_go();
  /// Whether a thread is about to bring an answer to an operation that waits for one.
  bool is_answering() const;

  /// While it lives, `op` is one that may wait for a name. Without `names` it does nothing.
  class watch {
   public:
    watch(scripted_names* names, const net::operation& op);
    ~watch();
    watch(const watch&) = delete;
    watch& operator=(const watch&) = delete;

   private:
    scripted_names* names_;
    const net::operation& op_;
  };

 private:
  using verdict = std::promise<bool>;  // whether the name is known

  /// What keeps the service in use: the resolver, as long as one of its threads holds on to it, and each thread that asked, to its very end.
  class user;

  net::lookup_result answer();
  void take_step(const std::shared_ptr<verdict>& said);

  asio::io_context& io_;
  std::shared_ptr<script> plot_;
  std::vector<std::shared_ptr<verdict>> hanging_;
  std::vector<const net::operation*> watched_;

  std::mutex mutex_;
  std::condition_variable unused_;
  int users_ = 0;
};

}  // namespace daytona::test
