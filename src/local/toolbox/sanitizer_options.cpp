// Built with AddressSanitizer alone. PID 1 gets no signal from inside that it has no handler for; the sanitizer's handlers would let any program end it.
extern "C" const char* __asan_default_options() {  // NOLINT(bugprone-reserved-identifier)
  return "handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:handle_sigtrap=0:handle_abort=0";
}
