// Python programs that share their state, with what they print as they print it. Run: ./dev run interpreter
// Shows: run_code with handlers, state kept between runs, an exception with its traceback, a timeout that leaves the state. Leaves out: contexts of one's own.
#include <unistd.h>

#include <chrono>

#include "backend.hpp"

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr std::string_view programs[] = {
    R"(import time
values = []
def measure(count):
    for n in range(count):
        time.sleep(0.2)
        values.append(n * n)
        print('measured', values[-1]))",
    R"(measure(4)
print('sum', sum(values)))",
    R"(import sys
print('one more is no number', file=sys.stderr)
values.append('five')
print('sum', sum(values)))",
    R"(values.pop()
while True: measure(1))", "print('kept', len(values), 'values')",
};

/// One text for each program, in colour where there is a terminal.
void put(std::string_view colour, std::string_view text) {
  const bool coloured = ::isatty(STDOUT_FILENO) == 1;
  fmt::print("{}{}{}", coloured ? colour : "", text, coloured ? "\x1b[0m" : "");
  std::fflush(stdout);
}

asio::awaitable<void> run_all(daytona::sandbox sandbox) {
  daytona::code_interpreter interpreter = sandbox.code_interpreter();
  daytona::run_code_options options;
  options.timeout = 1s;
  options.on_stdout = [](const daytona::output_message& said) { put("", said.output); };
  options.on_stderr = [](const daytona::output_message& said) { put("\x1b[33m", said.output); };
  options.on_error = [](const daytona::execution_error& raised) { put("\x1b[31m", raised.traceback); };

  for (const auto program : programs) {
    put("\x1b[36m", fmt::format("---\n{}\n---\n", program));
    try {
      co_await interpreter.run_code(program, options);
    } catch (const daytona::timeout_error& e) {
      put("\x1b[31m", fmt::format("{}\n", e.what()));
    }
  }
}

asio::awaitable<void> interpret(daytona::client client, std::vector<std::string>) {
  return daytona::with_sandbox(client, daytona::create_from_snapshot_params(), run_all);  // removed also by Ctrl-C
}

}  // namespace

int main(int argc, char** argv) { return samples::run(argc, argv, interpret); }
