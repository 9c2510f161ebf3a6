#pragma once

#include <chrono>
#include <memory>
#include <string>

struct evp_pkey_st;
struct x509_st;

namespace daytona::test {

/// A certificate and its key, in PEM form.
struct tls_identity {
  std::string certificate;
  std::string key;
};

/// An authority made for one test.
class certificate_authority {
 public:
  certificate_authority();
  ~certificate_authority();
  certificate_authority(const certificate_authority&) = delete;
  certificate_authority& operator=(const certificate_authority&) = delete;

  /// Its own certificate, in PEM form.
  std::string pem() const;
  /// A certificate for `names`, as OpenSSL writes them ("DNS:localhost,IP:127.0.0.1"), valid until then.
  tls_identity issue(const std::string& names, std::chrono::hours valid_for = std::chrono::hours(24)) const;

 private:
  struct key_deleter {
    void operator()(evp_pkey_st* key) const noexcept;
  };
  struct certificate_deleter {
    void operator()(x509_st* certificate) const noexcept;
  };
  using key_pointer = std::unique_ptr<evp_pkey_st, key_deleter>;
  using certificate_pointer = std::unique_ptr<x509_st, certificate_deleter>;

  certificate_pointer make(evp_pkey_st* key, const std::string& name, const std::string& names,
                           std::chrono::hours valid_for) const;

  key_pointer key_;
  certificate_pointer certificate_;
};

/// A certificate that nobody vouches for but itself.
tls_identity self_signed(const std::string& names);

}  // namespace daytona::test
