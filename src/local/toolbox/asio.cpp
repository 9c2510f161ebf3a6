// Asio's own compiled parts, without those for TLS.
#include <boost/asio/impl/src.hpp>
#include <netdb.h>

// Asio refers to the resolver, which in a static program would load the shared libraries of whatever image the toolbox runs in. It resolves nothing:
// these take libc's out of the link.
extern "C" {

int getaddrinfo(const char*, const char*, const addrinfo*, addrinfo** result) {
  *result = nullptr;
  return EAI_FAIL;
}

void freeaddrinfo(addrinfo*) {}

}  // extern "C"
