#include "kit/certificates.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <stdexcept>

namespace daytona::test {

namespace {

void check(bool succeeded) {
  if (!succeeded) throw std::logic_error("OpenSSL could not make a certificate");
}

template <class Write>
std::string pem_of(Write write) {
  const std::unique_ptr<BIO, int (*)(BIO*)> text{BIO_new(BIO_s_mem()), BIO_free};
  check(write(text.get()) == 1);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(text.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

std::string certificate_pem(X509* certificate) {
  return pem_of([&](BIO* out) { return PEM_write_bio_X509(out, certificate); });
}

std::string key_pem(EVP_PKEY* key) {
  return pem_of([&](BIO* out) { return PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr); });
}

void add_extension(X509* certificate, int kind, const std::string& value) {
  const std::unique_ptr<X509_EXTENSION, void (*)(X509_EXTENSION*)> extension{
      X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str()), X509_EXTENSION_free};
  check(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1);
}

/// Two authorities of one name would be taken for each other, until a signature is found wrong.
std::string new_name() {
  static std::atomic<int> count{0};
  return "Test authority " + std::to_string(++count);
}

void set_name(X509* certificate, const std::string& name) {
  const auto* const bytes = reinterpret_cast<const unsigned char*>(name.c_str());
  check(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC, bytes, -1, -1, 0) == 1);
}

}  // namespace

void certificate_authority::key_deleter::operator()(evp_pkey_st* key) const noexcept { EVP_PKEY_free(key); }
void certificate_authority::certificate_deleter::operator()(x509_st* certificate) const noexcept {
  X509_free(certificate);
}

certificate_authority::certificate_authority() : key_(EVP_EC_gen("P-256")) {
  certificate_ = make(key_.get(), new_name(), {}, "critical,CA:TRUE", {});
}

certificate_authority::certificate_authority(const certificate_authority& parent, role as)
    : key_(EVP_EC_gen("P-256")),
      certificate_(parent.make(key_.get(), new_name(), {},
                               as == role::authority ? "critical,CA:TRUE" : "critical,CA:FALSE", {})) {}

certificate_authority::~certificate_authority() = default;

certificate_authority::certificate_pointer certificate_authority::make(EVP_PKEY* key, const std::string& name,
                                                                       const std::string& names,
                                                                       const std::string& constraints,
                                                                       validity valid) const {
  static std::atomic<long> serial{1};
  certificate_pointer made{X509_new()};
  auto* const certificate = made.get();
  check(X509_set_version(certificate, X509_VERSION_3) == 1);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate), std::chrono::seconds(valid.from).count());
  X509_gmtime_adj(X509_getm_notAfter(certificate), std::chrono::seconds(valid.until).count());
  X509_set_pubkey(certificate, key);
  set_name(certificate, name);
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate_ ? certificate_.get() : certificate));
  if (!constraints.empty()) add_extension(certificate, NID_basic_constraints, constraints);
  if (!names.empty()) add_extension(certificate, NID_subject_alt_name, names);
  check(X509_sign(certificate, key_.get(), EVP_sha256()) > 0);
  return made;
}

std::string certificate_authority::pem() const { return certificate_pem(certificate_.get()); }

tls_identity certificate_authority::issue(const std::string& names, validity valid) const {
  const key_pointer key{EVP_EC_gen("P-256")};
  const auto certificate = make(key.get(), "Test server", names, {}, valid);
  return {certificate_pem(certificate.get()), key_pem(key.get())};
}

tls_identity self_signed(const std::string& names) {
  const certificate_authority nobody;
  return nobody.issue(names);
}

}  // namespace daytona::test
