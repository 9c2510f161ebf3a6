#include <doctest/doctest.h>
#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <memory>
#include <string>

#include "live.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;

namespace {

template <class T>
using awaitable = asio::awaitable<T>;

session_execute_request command_of(std::string text, bool run_async = false) {
  session_execute_request request;
  request.command = std::move(text);
  request.run_async = run_async;
  return request;
}

/// How many zombies there are in the sandbox, once there are none or 5 s have passed.
constexpr auto count_zombies =
    "for i in $(seq 50); do n=$(cat /proc/[0-9]*/stat 2>/dev/null | grep -c ') Z '); [ $n = 0 ] && break; sleep 0.1; "
    "done; "
    "echo $n";

/// Counts bytes, and sums them up as sha256sum does.
class counted_bytes {
 public:
  counted_bytes() : context_{EVP_MD_CTX_new(), EVP_MD_CTX_free} {
    EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
  }
  void add(std::string_view bytes) {
    EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
    size_ += bytes.size();
    largest_ = std::max(largest_, bytes.size());
  }
  std::size_t size() const { return size_; }
  std::size_t largest() const { return largest_; }
  std::string sum() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    EVP_DigestFinal_ex(context_.get(), digest.data(), &length);
    std::string text;
    for (unsigned n = 0; n < length; ++n) text += fmt::format("{:02x}", digest.at(n));
    return text;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context_;
  std::size_t size_ = 0, largest_ = 0;
};

/// The most memory that this process has had so far, in KiB.
std::size_t peak_memory() {
  std::ifstream status{"/proc/self/status"};
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::stoul(line.substr(6));
  return 0;
}

}  // namespace

TEST_CASE("P10: a command of a session that is waited for has its two outputs and its exit code") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    auto process = sandbox.process();
    co_await process.create_session("build");
    auto request = command_of("echo out; echo err >&2; (exit 3)");
    auto answer = co_await process.execute_session_command("build", request);
    CHECK(answer.stdout_ == "out\n");
    CHECK(answer.stderr_ == "err\n");
    CHECK(answer.exit_code == 3);
    auto known = co_await process.get_session_command("build", answer.cmd_id);
    CHECK(known.exit_code == 3);
    auto logs = co_await process.get_session_command_logs("build", answer.cmd_id);
    CHECK(logs.stdout_ == "out\n");
    CHECK(logs.stderr_ == "err\n");
    auto session = co_await process.get_session("build");
    CHECK(session.commands.size() == 1);
    co_await process.delete_session("build");
  });
}

TEST_CASE("every sandbox, also of the default snapshot, has an entrypoint session and logs of it") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    auto process = sandbox.process();
    auto session = co_await process.get_entrypoint_session();
    CHECK(session.session_id == "entrypoint");
    REQUIRE(session.commands.size() == 1);
    CHECK_FALSE(session.commands.front().exit_code.has_value());
    auto logs = co_await process.get_entrypoint_logs();
    CHECK(logs.output == logs.stdout_ + logs.stderr_);
    auto all = co_await process.list_sessions();
    CHECK(all.empty());
  });
}

TEST_CASE("a deleted session leaves neither a process nor a zombie, disowned ones included") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    auto process = sandbox.process();
    co_await process.create_session("s");
    auto request = command_of("(sleep 4321 &); nohup sleep 4321 >/dev/null & disown; (exec sleep 4321) & echo started");
    request.run_async = true;
    auto started = co_await process.execute_session_command("s", request);
    auto logs = co_await process.follow_session_command("s", started.cmd_id);
    auto chunk = co_await logs.next();
    CHECK(chunk->bytes == "started\n");
    co_await process.delete_session("s");
    auto left = co_await process.exec("cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c 'slee[p] 4321 '");
    CHECK(left.result == "0\n");
    auto zombies = co_await process.exec(count_zombies);
    CHECK(zombies.result == "0\n");
  });
}

TEST_CASE("S3: the exit code of a command is told after the last byte that it wrote") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    auto process = sandbox.process();
    co_await process.create_session("s");
    auto request = command_of("seq 1 200000; echo end >&2; (exit 7)", true);
    auto started = co_await process.execute_session_command("s", request);
    std::size_t size = 0;
    std::string errors;
    auto on_stdout = [&](std::string_view bytes) { size += bytes.size(); };
    auto on_stderr = [&](std::string_view bytes) { errors += bytes; };
    wait_session_command_options options;
    options.on_stdout = on_stdout;
    options.on_stderr = on_stderr;
    auto ended = co_await process.wait_session_command("s", started.cmd_id, options);
    CHECK(ended.exit_code == 7);
    CHECK(size == 1'288'895);
    CHECK(errors == "end\n");
  });
}

TEST_CASE("S3, S11: 200 MB of output come to the last byte on both outputs, in lines and without, in bounded memory") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    auto process = sandbox.process();
    co_await process.create_session("s");
    auto request = command_of(
        "seq 10000000 20000000 & seq -s ' ' 10000000 22222221 >&2; wait; seq 10000000 20000000 | sha256sum > lines; "
        "seq "
        "-s ' ' 10000000 22222221 | sha256sum > line; (exit 5)",
        true);
    const auto memory_before = peak_memory();
    auto started = co_await process.execute_session_command("s", request);
    counted_bytes lines, line;
    auto on_stdout = [&](std::string_view bytes) { lines.add(bytes); };
    auto on_stderr = [&](std::string_view bytes) { line.add(bytes); };
    wait_session_command_options options;
    options.on_stdout = on_stdout;
    options.on_stderr = on_stderr;
    auto ended = co_await process.wait_session_command("s", started.cmd_id, options);

    CHECK(ended.exit_code == 5);
    CHECK(lines.size() == 90'000'009);
    CHECK(line.size() == 109'999'998);
    CHECK(lines.largest() + line.largest() <= 1024 * 1024);
    CHECK(peak_memory() - memory_before <= 8 * 1024);
    auto sums = co_await process.exec("cut -d ' ' -f 1 lines line");
    CHECK(sums.result == lines.sum() + "\n" + line.sum() + "\n");
  });
}

TEST_CASE("T4: a command as a stream is fed, read to its end, waited for, or killed with all it started") {
  in_sandbox([](sandbox sandbox) -> awaitable<void> {
    auto process = sandbox.process();
    exec_stream_options options;
    options.cwd = "/usr";
    options.env["NAME"] = "it's";
    auto stream = co_await process.exec_stream("pwd; read line; echo \"$NAME $line\" >&2; (exit 4)", options);
    auto first = co_await stream.next();
    CHECK(first->bytes == "/usr\n");
    co_await stream.send_input("fed");
    auto second = co_await stream.next();
    CHECK(second->source == log_source::stderr_);
    CHECK(second->bytes == "it's fed\n");
    auto end = co_await stream.next();
    CHECK_FALSE(end.has_value());
    auto code = co_await stream.wait();
    CHECK(code == 4);

    auto endless = co_await process.exec_stream("sleep 5432 & sleep 5432");
    co_await endless.kill();
    auto nothing = co_await endless.next();
    CHECK_FALSE(nothing.has_value());
    auto left = co_await process.exec("cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c 'slee[p] 5432 '");
    CHECK(left.result == "0\n");
    auto sessions = co_await process.list_sessions();
    CHECK(sessions.empty());
  });
}
