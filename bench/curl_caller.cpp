#include <boost/json/parse.hpp>
#include <curl/curl.h>
#include <sys/epoll.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <vector>

#include "beast_decode.hpp"
#include "system_error.hpp"
#include "unique_fd.hpp"
#include "workload.hpp"

namespace daytona::bench {

namespace {

void check(CURLcode result) {
  if (result != CURLE_OK) throw std::runtime_error(curl_easy_strerror(result));
}
void check(CURLMcode result) {
  if (result != CURLM_OK) throw std::runtime_error(curl_multi_strerror(result));
}

/// A handle of libcurl, freed by `Free`.
template <class Handle, auto Free>
struct freeing {
  void operator()(Handle* handle) const { Free(handle); }
};
using easy_handle = std::unique_ptr<CURL, freeing<CURL, curl_easy_cleanup>>;
using multi_handle = std::unique_ptr<CURLM, freeing<CURLM, curl_multi_cleanup>>;
using fields = std::unique_ptr<curl_slist, freeing<curl_slist, curl_slist_free_all>>;

fields request_fields() {
  curl_slist* list = nullptr;
  for (const char* line : {"Authorization: Bearer dtn_bench", "Accept: application/json", "X-Daytona-Source: curl"})
    list = curl_slist_append(list, line);
  return fields(list);
}

/// One GET at a time, its handle and memory used again.
struct transfer {
  easy_handle handle{curl_easy_init()};
  std::string body;

  transfer(const std::string& url, curl_slist* with) {
    check(curl_easy_setopt(handle.get(), CURLOPT_URL, url.c_str()));
    check(curl_easy_setopt(handle.get(), CURLOPT_HTTPHEADER, with));
    check(curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, &transfer::receive));
    check(curl_easy_setopt(handle.get(), CURLOPT_WRITEDATA, this));
    check(curl_easy_setopt(handle.get(), CURLOPT_PRIVATE, this));
    check(curl_easy_setopt(handle.get(), CURLOPT_NOSIGNAL, 1L));
    check(curl_easy_setopt(handle.get(), CURLOPT_PROXY, ""));
  }

  static std::size_t receive(char* bytes, std::size_t, std::size_t size, void* self) {
    static_cast<transfer*>(self)->body.append(bytes, size);
    return size;
  }
};

/// libcurl's multi interface in the way that scales: it says which sockets to watch, one epoll does.
class curl_caller final : public caller {
 public:
  explicit curl_caller(const setting& wanted)
      : fields_(request_fields()), epoll_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")) {
    check(curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, &curl_caller::watch));
    check(curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, this));
    check(curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, &curl_caller::set_timer));
    check(curl_multi_setopt(multi_.get(), CURLMOPT_TIMERDATA, this));
    const auto url = "http://127.0.0.1:" + std::to_string(wanted.port) + std::string(target_of(wanted.load));
    for (std::size_t i = 0; i < wanted.in_flight; ++i)
      transfers_.push_back(std::make_unique<transfer>(url, fields_.get()));
  }

  void run(std::size_t calls) override {
    begun_ = 0;
    for (; begun_ < calls && begun_ < transfers_.size(); ++begun_)
      check(curl_multi_add_handle(multi_.get(), transfers_[begun_]->handle.get()));
    for (std::size_t done = 0; done < calls;) {
      turn();
      done += take_ended(calls);
    }
  }

 private:
  void turn() {
    std::array<epoll_event, 64> events;
    const int count =
        checked(::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), timeout_), "epoll_wait");
    int running = 0;
    if (count == 0) check(curl_multi_socket_action(multi_.get(), CURL_SOCKET_TIMEOUT, 0, &running));
    for (int i = 0; i < count; ++i) {
      const auto& event = events[static_cast<std::size_t>(i)];
      const int what = ((event.events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0) |
                       ((event.events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0);
      check(curl_multi_socket_action(multi_.get(), event.data.fd, what, &running));
    }
  }

  std::size_t take_ended(std::size_t calls) {
    std::size_t ended = 0;
    int left = 0;
    while (const auto* message = curl_multi_info_read(multi_.get(), &left)) {
      check(message->data.result);
      CURL* const handle = message->easy_handle;
      look_at(handle);
      check(curl_multi_remove_handle(multi_.get(), handle));
      ++ended;
      if (begun_ == calls) continue;
      check(curl_multi_add_handle(multi_.get(), handle));
      ++begun_;
    }
    return ended;
  }

  static void look_at(CURL* handle) {
    transfer* its = nullptr;
    check(curl_easy_getinfo(handle, CURLINFO_PRIVATE, &its));
    const auto found = sandbox_from(boost::json::parse(its->body).as_object());
    if (found.state != "started") throw std::runtime_error("not the sandbox that was asked for");
    its->body.clear();
  }

  static int watch(CURL*, curl_socket_t socket, int what, void* self, void* known) {
    auto& its = *static_cast<curl_caller*>(self);
    epoll_event event{};
    event.data.fd = socket;
    event.events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
    const int change = what == CURL_POLL_REMOVE ? EPOLL_CTL_DEL : known != nullptr ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    ::epoll_ctl(its.epoll_.get(), change, socket, &event);
    curl_multi_assign(its.multi_.get(), socket, change == EPOLL_CTL_DEL ? nullptr : &its);
    return 0;
  }

  static int set_timer(CURLM*, long milliseconds, void* self) {
    static_cast<curl_caller*>(self)->timeout_ = static_cast<int>(milliseconds);
    return 0;
  }

  fields fields_;
  unique_fd epoll_;
  int timeout_ = -1;
  std::size_t begun_ = 0;
  multi_handle multi_{curl_multi_init()};
  std::vector<std::unique_ptr<transfer>> transfers_;
};

}  // namespace

std::unique_ptr<caller> make_curl(const setting& wanted) { return std::make_unique<curl_caller>(wanted); }

}  // namespace daytona::bench
