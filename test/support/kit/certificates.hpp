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

/// When a certificate is valid, from now.
struct validity {
  std::chrono::hours from = std::chrono::hours(-48);
  std::chrono::hours until = std::chrono::hours(24);
};

/// An authority made for one test.
class certificate_authority {
 public:
  enum class role {
    authority,
    server,  ///< Its certificate says that it is none.
  };

  /// One that vouches for itself.
  certificate_authority();
  /// One that `parent` vouches for, as what `as` says.
  certificate_authority(const certificate_authority& parent, role as);
  ~certificate_authority();
  certificate_authority(const certificate_authority&) = delete;
  certificate_authority& operator=(const certificate_authority&) = delete;

  /// Its own certificate, in PEM form.
  std::string pem() const;
  /// A certificate for `names`, as OpenSSL writes them ("DNS:localhost,IP:127.0.0.1").
  tls_identity issue(const std::string& names, validity valid = {}) const;

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
                           const std::string& constraints, validity valid) const;

  key_pointer key_;
  certificate_pointer certificate_;
};

/// A certificate that nobody vouches for but itself.
tls_identity self_signed(const std::string& names);

}  // namespace daytona::test
