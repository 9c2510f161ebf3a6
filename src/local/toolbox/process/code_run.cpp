#include "local/toolbox/process/code_run.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <regex>

#include "local/toolbox/process/chart_wrapper.hpp"
#include "model/base64.hpp"

namespace daytona::local::toolbox {

namespace {

constexpr std::array<std::string_view, 3> languages = {"python", "javascript", "typescript"};

// The interpreter's own second argument is of no use to the program.
constexpr std::string_view javascript_prelude = "process.argv.splice(1, 1);\n";

std::string joined(const std::vector<std::string>& arguments) {
  std::string text;
  for (const auto& argument : arguments) text += " " + argument;
  return text;
}

// Through a pipe of the shell, so that the program may be of any length and contain anything.
std::string decode_to(std::string_view code, const std::string& sink) {
  return "printf '%s' '" + model::encode_base64(code) + "' | base64 -d " + sink;
}

std::string new_temporary_file() {
  static unsigned last = 0;
  const char* folder = std::getenv("TMPDIR");
  return std::string{folder == nullptr ? "/tmp" : folder} + "/dtn_" + std::to_string(::getpid()) +
         std::to_string(++last) + ".ts";
}

std::string typescript_script(std::string_view code, const std::string& file, const std::string& arguments) {
  const std::string options = " -T -O '{\"module\":\"CommonJS\"}' " + file + arguments + "\n";
  return decode_to(std::string{javascript_prelude} + std::string{code}, "> " + file) +
         "\nif command -v ts-node >/dev/null 2>&1; then ts-node" + options + "else npx ts-node" + options + "fi\n";
}

}  // namespace

code_run_request::code_run_request() = default;
prepared_run::prepared_run() = default;

void prepared_run::clean_up() const {
  if (!temporary_file.empty()) ::unlink(temporary_file.c_str());
}

bool is_supported(const std::string& language) {
  return std::find(languages.begin(), languages.end(), language) != languages.end();
}

prepared_run prepare_run(code_run_request request) {
  prepared_run run;
  const std::string arguments = joined(request.arguments);
  if (request.language == "python") {
    const std::string program = draws_charts(request.code) ? wrap_for_charts(request.code) : request.code;
    run.what.script = decode_to(program, "| python3 -u -" + arguments);
  } else if (request.language == "javascript") {
    run.what.script = decode_to(std::string{javascript_prelude} + request.code, "| node -" + arguments);
  } else {
    run.temporary_file = new_temporary_file();
    run.what.script = typescript_script(request.code, run.temporary_file, arguments);
  }
  run.what.environment = std::move(request.environment);
  run.what.timeout = request.timeout;
  return run;
}

bool draws_charts(std::string_view code) {
  // Looked for only where the name occurs at all: an expression over a large program would be slow.
  if (code.find("matplotlib") == std::string_view::npos) return false;
  static const std::regex loading{
      R"((?:import|from)\s+matplotlib|(?:__import__|importlib\.import_module|loader\.load_module)\(\s*['"]matplotlib['"]|sys\.modules\[\s*['"]matplotlib['"])"};
  std::size_t start = 0;
  while (start < code.size()) {
    const auto end = std::min(code.find('\n', start), code.size());
    const auto line = code.substr(start, std::min<std::size_t>(end - start, 1000));
    start = end + 1;
    const auto uncommented = line.substr(0, line.find('#'));
    if (uncommented.find("matplotlib") != std::string_view::npos &&
        std::regex_search(uncommented.begin(), uncommented.end(), loading))
      return true;
  }
  return false;
}

std::string wrap_for_charts(std::string_view code) {
  std::string program{chart_wrapper};
  const std::string_view place = "@PROGRAM@";
  program.replace(program.find(place), place.size(), model::encode_base64(code));
  return program;
}

}  // namespace daytona::local::toolbox
