#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "kit/tcp_fixture.hpp"
#include "kit/temporary_directory.hpp"

using namespace daytona;
using namespace daytona::test;

namespace {

/// The file that OpenSSL takes for the system's authorities holds these while it lives.
class system_authorities {
 public:
  explicit system_authorities(const std::string& pem) {
    const auto file = folder_.path / "authorities.pem";
    std::ofstream(file) << pem;
    set("SSL_CERT_FILE", file.string(), file_before_);
    set("SSL_CERT_DIR", folder_.path.string(), folder_before_);
  }
  ~system_authorities() {
    restore("SSL_CERT_FILE", file_before_);
    restore("SSL_CERT_DIR", folder_before_);
  }
  system_authorities(const system_authorities&) = delete;
  system_authorities& operator=(const system_authorities&) = delete;

 private:
  static void set(const char* name, const std::string& value, std::optional<std::string>& before) {
    if (const char* const was = ::getenv(name)) before = was;
    ::setenv(name, value.c_str(), 1);
  }
  static void restore(const char* name, const std::optional<std::string>& before) {
    if (before)
      ::setenv(name, before->c_str(), 1);
    else
      ::unsetenv(name);
  }

  temporary_directory folder_;
  std::optional<std::string> file_before_, folder_before_;
};

/// Gets a sandbox from a server of `authority`, with the trust that these settings have.
outcome<sandbox> get_from(const certificate_authority& authority, const tls_options& trust) {
  tcp_fixture fixture{authority.issue("DNS:localhost")};
  fixture.server().reply(get_line, 200, sandbox_json("started"));
  auto settings = fixture.settings("https", "localhost");
  settings.tls = trust;
  auto end = fixture.get(settings);
  CHECK(fixture.server().seen().requests.size() == (end.failed() ? 0 : 1));
  return end;
}

}  // namespace

TEST_CASE("C4: a client without authorities of its own trusts those of the system, and no other") {
  const certificate_authority known, unknown;
  const system_authorities system{known.pem()};

  CHECK(told(get_from(known, tls_options())) == "");
  CHECK(get_from(unknown, tls_options()).error().code() == errc::tls_failed);
}

TEST_CASE("C4: the authorities of a file and of a text are trusted together, in the system's stead") {
  const certificate_authority of_file, of_text, of_system;
  const system_authorities system{of_system.pem()};
  const temporary_directory folder;
  tls_options trust;
  trust.ca_file = (folder.path / "own.pem").string();
  trust.ca_pem = of_text.pem();
  std::ofstream(trust.ca_file) << of_file.pem();

  CHECK(told(get_from(of_file, trust)) == "");
  CHECK(told(get_from(of_text, trust)) == "");
  CHECK(get_from(of_system, trust).error().code() == errc::tls_failed);
}
