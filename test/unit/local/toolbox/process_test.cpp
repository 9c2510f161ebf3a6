#include <doctest/doctest.h>

#include "local/http/http_error.hpp"
#include "local/toolbox/process/artifacts.hpp"
#include "local/toolbox/process/code_run.hpp"
#include "local/toolbox/process/command_output.hpp"
#include "local/toolbox/process/shell.hpp"

namespace daytona::local::toolbox {

TEST_CASE(
    "an output has what it is assured of, then what others leave, up to its own limit, and tells which of both cut "
    "it") {
  const auto budget = std::make_shared<http::byte_budget>(output_limit + 2 * assured_output);
  command_output first{budget};
  command_output second{budget};
  first.append(std::string(output_limit, 'x'));
  second.append(std::string(2 * assured_output - 1, 'x'));
  CHECK(budget->left() == 1);
  second.append("yz");
  first.append("z");
  second.append("not beyond what was cut");

  first.end();
  second.end();

  CHECK(first.text() == std::string(output_limit, 'x') + "\n[daytona: the output was cut after 16777216 bytes]\n");
  CHECK(second.text() == std::string(2 * assured_output - 1, 'x') +
                             "y\n[daytona: the output was cut after 65536 bytes: those of all commands under way take "
                             "the 16842752 bytes that there are for them]\n");
  CHECK_THROWS_AS(command_output{budget}, http::http_error);
}

TEST_CASE("what an output took is there for others once it is gone") {
  const auto budget = std::make_shared<http::byte_budget>(assured_output);
  {
    const command_output gone{budget};
  }

  CHECK_NOTHROW(command_output{budget});
}

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
