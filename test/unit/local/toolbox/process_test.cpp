#include <doctest/doctest.h>

#include "local/toolbox/process/artifacts.hpp"
#include "local/toolbox/process/code_run.hpp"
#include "local/toolbox/process/shell.hpp"

namespace daytona::local::toolbox {

TEST_CASE("the shell is the first of zsh and bash that the system lists") {
  CHECK(choose_shell("# list\n/bin/sh\n/bin/bash\n/usr/bin/bash\n", "") == "/usr/bin/bash");
  CHECK(choose_shell("/bin/bash\n/bin/zsh\n", "/bin/dash") == "/bin/zsh");
  CHECK(choose_shell("#/bin/bash\n", "/bin/dash") == "/bin/dash");
  CHECK(choose_shell("", "") == "sh");
}

TEST_CASE("a program draws charts if it loads matplotlib outside a comment") {
  CHECK(draws_charts("x = 1\nimport matplotlib.pyplot as plt\n"));
  CHECK(draws_charts("from  matplotlib import pyplot"));
  CHECK(draws_charts("m = __import__('matplotlib')"));
  CHECK(draws_charts("importlib.import_module(\"matplotlib\")"));
  CHECK(draws_charts("m = sys.modules['matplotlib']"));
  CHECK_FALSE(draws_charts("# import matplotlib"));
  CHECK_FALSE(draws_charts("x = 1 # import matplotlib"));
  CHECK_FALSE(draws_charts("print('matplotlib')"));
}

TEST_CASE("a program travels whatever is in it") {
  code_run_request request;
  request.language = "python";
  request.code = "print('it'\"s\")";
  request.arguments = {"a", "b c"};

  const auto run = prepare_run(request);

  CHECK(run.what.script == "printf '%s' 'cHJpbnQoJ2l0JyJzIik=' | base64 -d | python3 -u - a b c");
  CHECK(run.temporary_file.empty());
}

TEST_CASE("marked lines leave the output, and those that are charts become artifacts") {
  const auto extracted = extract_artifacts(
      "before\n"
      "dtn_artifact_k39fd2:{\"type\":\"chart\",\"value\":{\"type\":\"line\",\"title\":\"t\",\"x_label\":\"\","
      "\"elements\":[],\"own\":1}}\n"
      "dtn_artifact_k39fd2:not json\n"
      "dtn_artifact_k39fd2:{\"type\":\"chart\",\"value\":{\"type\":\"line\",\"x_ticks\":[\"text\"],\"elements\":[]}}\n"
      "after");

  CHECK(extracted.text == "before\nafter");
  REQUIRE(extracted.charts.size() == 1);
  CHECK(extracted.charts[0] == R"({"type":"line","title":"t","elements":[]})");
}

TEST_CASE("a mark behind an unfinished line is found, and nothing else of the line is lost") {
  const auto extracted = extract_artifacts(
      "no end dtn_artifact_k39fd2:{\"type\":\"chart\",\"value\":{\"type\":\"unknown\",\"elements\":null}}\n");

  CHECK(extracted.text == "no end ");
  REQUIRE(extracted.charts.size() == 1);
  CHECK(extracted.charts[0] == R"({"type":"unknown","elements":null})");
}

}  // namespace daytona::local::toolbox
