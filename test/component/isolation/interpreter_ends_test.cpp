// The code interpreter as the toolbox keeps it: how programs, workers and contexts end.
#include "held_descriptors.hpp"
#include "interpreter_fixture.hpp"
#include "local/toolbox/process/process_family.hpp"
#include "local/toolbox/process/process_files.hpp"

namespace daytona::local::test {

namespace {

using namespace std::chrono_literals;

/// Not if it only waits to be reaped.
bool is_alive(const std::string& process) {
  std::ifstream file{"/proc/" + std::to_string(std::stoi(process)) + "/stat"};
  std::string line;
  std::getline(file, line);
  const auto found = toolbox::parse_process(line);
  return found && found->state != 'Z';
}

}  // namespace

TEST_CASE("I1: a program that outlives its time is interrupted with 4008, and the context keeps its globals") {
  interpreter_fixture fixture;
  fixture.run("x = 41");
  auto program = fixture.start(fixture.default_context(),
                               "import time; x = 42\nprint('a', end='')\nprint('b', flush=True)\ntime.sleep(1000)", 7s);
  fixture.hear(program, "ab\n");

  fixture.pass(6999ms);
  CHECK_FALSE(program.what->is_over());
  fixture.time_out(program, 1ms);
  CHECK(program.story == "oab\n interrupted");
  CHECK(program.end() == "4008");
  CHECK(fixture.run("print(x)").stdout_ == "42\n");
}

TEST_CASE("I1: a context survives a hundred interrupts, wherever they meet it, and loses no byte by them") {
  interpreter_fixture fixture;
  fixture.run("count = 0");
  std::size_t count = 0;
  for (int n = 0; n < 100; ++n) {
    auto program = fixture.start(fixture.default_context(),
                                 "print('go')\nwhile True:\n  print(count := count + 1, flush=True)", 1s);
    fixture.hear(program, "go\n");
    fixture.time_out(program, 1s);
    CHECK(program.end() == "4008");
    std::string wanted = "go\n";
    std::string last;
    while (wanted.size() < program.stdout_.size()) wanted += last = std::to_string(++count) + "\n";
    CHECK(wanted.starts_with(program.stdout_));
    CHECK(wanted.size() - program.stdout_.size() < last.size() + 1);
    count = static_cast<std::size_t>(std::stoul(fixture.run("print(count)").stdout_));
  }
  CHECK(count > 0);
}

TEST_CASE("a program that catches the interrupt and comes to its end has completed") {
  interpreter_fixture fixture;
  auto program = fixture.start(fixture.default_context(),
                               "import time\ntry:\n  print('go', flush=True); time.sleep(1000)\nexcept "
                               "KeyboardInterrupt:\n  print('caught')",
                               1s);
  fixture.hear(program, "go\n");

  fixture.time_out(program, 1s);

  CHECK(program.story == "ogo\ncaught\n completed");
  CHECK(program.end() == "1000");
  CHECK(fixture.run("raise KeyboardInterrupt").end() == "4008");
}

TEST_CASE(
    "I1: a program that ignores the interrupt is killed two seconds later; its globals are lost, its context is not") {
  interpreter_fixture fixture;
  fixture.run("x = 1");
  auto program = fixture.start(
      fixture.default_context(),
      "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nprint('go', flush=True)\ntime.sleep(1000)",
      1s);
  fixture.hear(program, "go\n");
  fixture.pass(1s);
  for (int n = 0; n < 1999; ++n) fixture.pass(1ms);
  CHECK_FALSE(program.what->is_over());
  fixture.pass(1ms);

  fixture.finish(program);

  CHECK(program.story == "ogo\n");
  CHECK(program.end() == "4008");
  CHECK(fixture.run("print('x' in globals())").stdout_ == "False\n");
}

TEST_CASE("the end of a toolbox's contexts leaves the processes of another's alone, though both call one default") {
  interpreter_fixture other;
  other.run("x = 1");
  {
    interpreter_fixture fixture;
    fixture.run("x = 2");
  }

  CHECK(other.run("print(x)").stdout_ == "1\n");
}

TEST_CASE("a program that waits for a child is interrupted with it; what runs in the background goes on") {
  interpreter_fixture fixture;
  const auto background =
      fixture.run("import subprocess\np = subprocess.Popen(['sleep', '1000'], stdin=subprocess.DEVNULL)\nprint(p.pid)");
  auto quick = fixture.start(fixture.default_context(), "print('go', flush=True)\nimport time; time.sleep(1000)", 1s);
  fixture.hear(quick, "go\n");
  fixture.time_out(quick, 1s);
  CHECK(is_alive(background.stdout_));
  auto slow = fixture.start(fixture.default_context(),
                            "import os\nprint('go', flush=True)\nos.system('echo in; sleep 1000')\nprint('after')", 1s);
  fixture.hear(slow, "in\n");

  fixture.time_out(slow, 1s);

  CHECK(slow.stdout_ == "go\nin\nafter\n");
  CHECK(fixture.run("print(p.pid)").stdout_ == background.stdout_);
}

TEST_CASE(
    "S3: a worker that ends takes nothing along but its globals: output is told, what waits runs in a fresh one") {
  interpreter_fixture fixture;
  const std::vector<std::pair<std::string, std::string>> deaths = {
      {"os._exit(3)", "1001 worker process ended"},
      {"os.kill(os.getpid(), 9)", "1001 worker process ended by signal 9 (Killed)"},
      {"import ctypes; ctypes.string_at(0)", "1001 worker process ended by signal 11 (Segmentation fault)"},
      {"os.execv('/bin/sh', ['sh', '-c', 'sleep 1000'])", "1001 worker process ended by signal 9 (Killed)"},
      {"os.closerange(3, 64)\nprint('never')", "1001 worker process ended"},
  };
  for (const auto& [death, end] : deaths) {
    CAPTURE(death);
    fixture.run("x = 1");
    auto program =
        fixture.start(fixture.default_context(), "import os\nos.system('echo child')\nprint('dying')\n" + death);
    auto next = fixture.start(fixture.default_context(), "print('x' in globals())");
    fixture.finish(program);
    fixture.finish(next);
    CHECK(program.stdout_ == "child\ndying\n");
    CHECK(program.end().starts_with(end));
    CHECK(next.stdout_ == "False\n");
    CHECK(next.end() == "1000");
  }
}

TEST_CASE(
    "exit() ends the worker behind the program, sys.exit() the program alone; input() waits for what never comes") {
  interpreter_fixture fixture;
  fixture.run("x = 1");

  CHECK(fixture.run("import sys; print('x'); sys.exit(2)").story == "ox\n completed");
  CHECK(fixture.run("print(x)").stdout_ == "1\n");
  auto asks = fixture.start(fixture.default_context(), "input('p? ')", 1s);
  auto waits = fixture.start(fixture.default_context(), "print(x)");
  fixture.hear(asks, "p? ");
  fixture.time_out(asks, 1s);
  fixture.finish(waits);
  const auto leaves = fixture.run("exit()");

  CHECK(asks.end() == "4008");
  CHECK(waits.stdout_ == "1\n");
  CHECK(leaves.story == "completed");
  CHECK(leaves.end() == "1001 worker process ended");
  CHECK(fixture.run("print('x' in globals())").stdout_ == "False\n");
}

TEST_CASE("a child that a program forks and forgets ends with it, and takes no program of the context") {
  interpreter_fixture fixture;

  const auto program = fixture.run("import os\npid = os.fork()\nif pid: os.waitpid(pid, 0)\nprint(pid == 0)");

  CHECK(program.stdout_ == "True\nFalse\n");
  CHECK(fixture.run("print('next')").story == "onext\n completed");
}

TEST_CASE("I1, S12: a program that is held up by its client is interrupted too, and its context is as before") {
  interpreter_fixture fixture;
  auto program = fixture.start(fixture.default_context(), "x = 5\nwhile True: print('z' * 60)", 1s);
  fixture.until([&] { return !program.what->has_room(); });

  fixture.pass(1s);

  fixture.pass_until([&] { return program.what->is_over(); });
  program.listen();
  CHECK(program.end() == "4008");
  CHECK(program.story.ends_with("interrupted"));
  CHECK(fixture.run("print(x)").stdout_ == "5\n");
}

TEST_CASE("I2: deleting a context ends its program, those that wait, and all that they started") {
  interpreter_fixture fixture;
  fixture.run("pass");
  toolbox::process_files::shared();  // is opened once
  const auto before = held_descriptors();
  const auto context = fixture.all->create("");
  auto running = fixture.start(context,
                               "import subprocess, time, signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
                               "p = subprocess.Popen(['sh', '-c', 'trap \"\" TERM; while :; do sleep 1000; done'])\n"
                               "print(p.pid, flush=True); time.sleep(1000)");
  auto waiting = fixture.start(context, "print('never')");
  fixture.hear(running, "\n");

  fixture.remove(context->id());

  fixture.finish(running);
  fixture.finish(waiting);
  CHECK(running.end().starts_with("1001 worker process ended"));
  CHECK(waiting.end() == "1001 context shutdown");
  CHECK_FALSE(is_alive(running.stdout_));
  CHECK(fixture.all->find(context->id()) == nullptr);
  fixture.pass_until([&] { return held_descriptors() == before; });
}

}  // namespace daytona::local::test
