// The code interpreter as the toolbox keeps it: what programs say, and what they share.
#include <cstdlib>

#include "interpreter_fixture.hpp"
#include "local/http/http_error.hpp"

namespace daytona::local::test {

TEST_CASE("a context keeps its globals from program to program, and shares them with no other") {
  interpreter_fixture fixture;
  const auto other = fixture.all->create("/tmp");

  CHECK(fixture.run("import math\nx = 41\ndef f(): return x + 1\n40 + 2").story == "completed");

  CHECK(fixture.run("print(f(), math.pi > 3, __name__)").stdout_ == "42 True __main__\n");
  const auto apart = fixture.run(other, "import os; print('x' in globals(), os.getcwd())");
  CHECK(apart.stdout_ == "False /tmp\n");
  CHECK(apart.end() == "1000");
}

TEST_CASE(
    "S3, S5: what a program prints and what its children and libraries write comes in its order, to the last byte") {
  interpreter_fixture fixture;

  const auto program = fixture.run(
      "import os, sys, ctypes, subprocess\n"
      "print('a'); print('b', file=sys.stderr); print('c', end=''); sys.stderr.write('d')\n"
      "sys.stderr.flush(); os.system('echo e; echo f >&2'); print('g')\n"
      "os.write(1, b'h'); print('i'); subprocess.run(['echo', 'j'], stdout=sys.stdout); sys.stdout.buffer.write(b'k')\n"
      "ctypes.CDLL(None).printf(b'l')");

  CHECK(program.story.starts_with("oa\nrb\nocrdoe\nrf\nog\n"));
  CHECK(program.stdout_ == "a\nce\ng\nhi\nj\nkl");
  CHECK(program.stderr_ == "b\ndf\n");
  CHECK(program.end() == "1000");
}

TEST_CASE("S14: output comes as it is printed, however long the program is silent afterwards") {
  interpreter_fixture fixture;
  const gate gate;
  auto program = fixture.start(fixture.default_context(), "print('at once')\n" + gate.pass() + "print('later')");

  fixture.hear(program, "at once");
  CHECK_FALSE(program.what->is_over());
  gate.open();

  fixture.finish(program);
  CHECK(program.story == "oat once\nlater\n completed");
}

TEST_CASE("S9: characters that are cut between two writes arrive whole, and what is no text as U+FFFD") {
  interpreter_fixture fixture;

  const auto program = fixture.run(
      "import sys\nfor byte in '\xE2\x82\xAC'.encode(): sys.stdout.buffer.write(bytes([byte])); sys.stdout.flush()\n"
      "sys.stdout.buffer.write(b'\\xff'); print('\\udc80'); sys.stdout.buffer.write(b'\\xe2')");

  CHECK(program.stdout_ == "\xE2\x82\xAC\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\n\xEF\xBF\xBD");
}

TEST_CASE("S11: a single write of three megabytes, and a hundred thousand lines, arrive as they are") {
  interpreter_fixture fixture;

  CHECK(fixture.run("import sys; n = sys.stdout.write('x' * 3000000); print('end')").stdout_ ==
        std::string(3'000'000, 'x') + "end\n");
  CHECK(fixture.run("for i in range(100000): print(i)").stdout_.size() == 588'890);
}

TEST_CASE("an exception is told with its class, its text and the lines of the program that it came through") {
  interpreter_fixture fixture;

  const auto raised = fixture.run("import json\ndef g():\n  json.loads('{')\nprint('before')\ng()");
  const auto unreadable = fixture.run("if");
  const auto odd = fixture.run("class Odd(Exception):\n  def __str__(self): raise KeyError\nraise Odd");
  const auto endless = fixture.run("raise ValueError('v' * 1000000)");

  CHECK(raised.story.starts_with("obefore\neJSONDecodeError: Expecting property name"));
  CHECK(raised.traceback.starts_with(
      "Traceback (most recent call last):\n  File \"<stdin>\", line 5\n  File \"<stdin>\", line 3\nJSONDecodeError: "));
  CHECK(raised.end() == "1000");
  CHECK(unreadable.traceback == "SyntaxError: invalid syntax (<string>, line 1)\n");
  CHECK(odd.story == "eOdd: <unprintable Odd object> completed");
  CHECK(endless.traceback.size() > 100'000);
  CHECK(fixture.run("print(1)").stdout_ == "1\n");
}

TEST_CASE("environment variables of one program are in its children too, and gone or as before after it") {
  interpreter_fixture fixture;
  const std::string look =
      "import os; print(os.environ.get('Q'), os.environ['HOME'], flush=True); os.system('echo $Q')";
  const auto home = fixture.run("import os; print(os.environ['HOME'])").stdout_;

  CHECK(fixture.run(fixture.default_context(), look, {{"Q", "z"}, {"HOME", "/h"}}).stdout_ == "z /h\nz\n");

  CHECK(fixture.run(look).stdout_ == "None " + home + "\n");
}

TEST_CASE("programs of one context run one after the other in their order, those of others beside them") {
  interpreter_fixture fixture;
  const auto other = fixture.all->create("");
  const gate gate;
  auto first = fixture.start(fixture.default_context(), "print('begin')\n" + gate.pass() + "y = ['first']");
  auto second = fixture.start(fixture.default_context(), "y.append('second')");
  auto third = fixture.start(fixture.default_context(), "print(y)");

  CHECK(fixture.run(other, "print('beside')").stdout_ == "beside\n");
  fixture.hear(first, "begin");
  CHECK_FALSE(first.what->is_over());
  gate.open();

  fixture.finish(third);
  CHECK(third.stdout_ == "['first', 'second']\n");
  CHECK(first.what->is_over());
  CHECK(second.end() == "1000");
}

TEST_CASE("output of threads and children that go on after their program is dropped, and holds up nobody") {
  interpreter_fixture fixture;
  const gate gate;
  fixture.run("import threading\ndef late():\n  " + gate.pass() + "  print('late', flush=True); open('" + gate.name() +
              "', 'w').write('done')\n"
              "threading.Thread(target=late, daemon=True).start()\n");
  gate.open();
  std::string done;
  std::ifstream{gate.name()} >> done;

  CHECK(done == "done");
  CHECK(fixture.run("print('next')").stdout_.ends_with("next\n"));
  CHECK(fixture.run("import subprocess; p = subprocess.Popen('yes')").end() == "1000");
  CHECK(fixture.run("p.kill(); p.wait()").end() == "1000");
}

TEST_CASE("S5: a thread that prints behind its program takes nothing of what is meant for the next") {
  interpreter_fixture fixture;
  fixture.run(
      "import os, threading\nstop = threading.Event()\ndef late():\n  while not stop.is_set(): os.write(1, b'.'); "
      "print('late')\nt = threading.Thread(target=late); t.start()");

  for (int n = 0; n < 50; ++n) CHECK(fixture.run("x = '" + std::string(1000, 'x') + "'").end() == "1000");

  CHECK(fixture.run("stop.set(); t.join()").end() == "1000");
  CHECK(fixture.run("print('next')").stdout_.ends_with("next\n"));
}

TEST_CASE("S12: a client that reads nothing slows its program down and misses nothing; one that has left does not") {
  interpreter_fixture fixture;
  const std::string code = "for i in range(200000): print('z' * 60)\nx = 'all'";
  auto program = fixture.start(fixture.default_context(), code);
  fixture.until([&] { return !program.what->has_room(); });
  const auto other = fixture.all->create("");
  CHECK(fixture.run(other, "print('beside')").stdout_ == "beside\n");
  CHECK_FALSE(program.what->is_over());

  fixture.hear(program, "completed");
  CHECK(program.stdout_.size() == 200'000 * 61);
  CHECK(program.end() == "1000");
  auto left = fixture.start(other, code);
  left.what->abandon();
  fixture.until([&] { return left.what->is_over(); });
  CHECK(fixture.run(other, "print(x)").stdout_ == "all\n");
}

TEST_CASE("contexts and waiting programs have limits, and what can't start says why") {
  interpreter_fixture fixture{toolbox::interpreter_limits{2, 1}};
  const auto first = fixture.all->create("");
  fixture.all->create("");
  CHECK_THROWS_WITH(fixture.all->create(""),
                    "bad request: there are 2 contexts, which is the limit of this sandbox: delete one first");
  const gate gate;
  auto running = fixture.start(first, "print('go')\n" + gate.pass());
  fixture.hear(running, "go");
  auto waiting = fixture.start(first, "pass");

  const auto refused =
      std::make_shared<toolbox::execution>(fixture.io.get_executor(), toolbox::execution_request{}, nullptr);
  CHECK_FALSE(first->add(refused));

  gate.open();
  fixture.finish(waiting);
  fixture.remove(first->id());
  CHECK_THROWS_AS(fixture.all->create("/no/such"), http::http_error);
  CHECK_THROWS_AS(fixture.all->create("/etc/hostname"), http::http_error);
}

TEST_CASE("without Python a context says what to install, and one that had it once goes on when it is back") {
  interpreter_fixture fixture;
  const auto context = fixture.default_context();
  CHECK(fixture.run("import os; os._exit(0)").end() == "1001 worker process ended");
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", "/nowhere", 1);

  const auto without = fixture.run("print(1)");
  std::string refused;
  try {
    fixture.all->create("");
  } catch (const http::http_error& error) {
    refused = error.message();
  }
  ::setenv("PATH", path.c_str(), 1);

  CHECK(without.end().starts_with("1011 can't start the interpreter: neither python3 nor python is on the PATH"));
  CHECK(refused.find("install python3") != std::string::npos);
  CHECK_FALSE(context->is_active());
  CHECK(fixture.run("print(1)").stdout_ == "1\n");
  CHECK(context->is_active());
}

}  // namespace daytona::local::test
