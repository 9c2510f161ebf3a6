// Draws in a sandbox, keeps the pictures and prints the data behind them. Run: ./dev run charts [FOLDER]
// Shows: code_run, typed charts. Leaves out: files of the sandbox (a later sample).
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <variant>

#include "backend.hpp"

namespace {

namespace asio = boost::asio;

constexpr std::string_view program = R"(
import matplotlib.pyplot as plt

plt.plot([0, 1, 2, 3], [0, 1, 4, 9], label='squares')
plt.plot([0, 1, 2, 3], [0, 1, 8, 27], label='cubes')
plt.title('Powers'); plt.xlabel('n'); plt.ylabel('value'); plt.legend()
plt.show()

plt.bar(['Jan', 'Feb', 'Mar'], [12, 15, 9], label='2026')
plt.title('Sales'); plt.ylabel('k€')
plt.show()

plt.pie([3, 2, 1], labels=['a', 'b', 'c'])
plt.title('Shares')
plt.show()
)";

std::string text_of(const daytona::chart_value& value) {
  if (const auto* number = std::get_if<double>(&value)) return fmt::format("{:g}", *number);
  return std::get<std::string>(value);
}

void print_data(const daytona::line_chart& chart) {
  for (const auto& line : chart.elements) {
    fmt::print("  {}:", line.label);
    for (const auto& [x, y] : line.points) fmt::print(" ({}, {})", text_of(x), text_of(y));
    fmt::print("\n");
  }
}
void print_data(const daytona::bar_chart& chart) {
  for (const auto& bar : chart.elements) fmt::print("  {} {}: {}\n", bar.group, bar.label, text_of(bar.value.value()));
}
void print_data(const daytona::pie_chart& chart) {
  for (const auto& slice : chart.elements) fmt::print("  {}: {:g} degrees\n", slice.label, slice.angle.value());
}
void print_data(const daytona::chart&) { fmt::print("  (other kinds of chart are in the result as well)\n"); }

asio::awaitable<void> charts(daytona::client client, std::vector<std::string> arguments) {
  std::string folder =
      arguments.empty() ? (std::filesystem::temp_directory_path() / "charts-XXXXXX").string() : arguments.front();
  if (arguments.empty() && !::mkdtemp(folder.data())) throw std::system_error(errno, std::generic_category(), folder);
  daytona::execute_response answer;
  auto draw = [&](daytona::sandbox sandbox) -> asio::awaitable<void> {
    answer = co_await sandbox.process().code_run(program);
  };
  co_await daytona::with_sandbox(client, daytona::create_from_snapshot_params(), draw);
  if (answer.exit_code != 0) throw std::runtime_error(answer.result);

  int number = 0;
  for (const auto& drawn : answer.artifacts.charts) {
    auto show = [&](const auto& chart) {
      const auto file = fmt::format("{}/daytona-chart-{}.png", folder, ++number);
      std::ofstream out(file, std::ios::binary);
      out.write(chart.png.data(), static_cast<std::streamsize>(chart.png.size())).flush();
      if (!out) throw std::system_error(errno, std::generic_category(), file);
      fmt::print("{} ({}) -> {}\n", chart.title.value_or("untitled"), daytona::to_string(chart.type), file);
      print_data(chart);
    };
    std::visit(show, drawn);
  }
}

}  // namespace

int main(int argc, char** argv) { return samples::run(argc, argv, charts); }
