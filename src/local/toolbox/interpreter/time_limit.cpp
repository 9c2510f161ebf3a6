#include "local/toolbox/interpreter/time_limit.hpp"

#include <array>
#include <chrono>
#include <utility>

namespace daytona::local::toolbox {

namespace {

using std::chrono::milliseconds;

struct interrupt_step {
  milliseconds pause;  ///< Until the next.
  bool with_children;
};

/// The first reaches the worker alone, and processes that it left in the background go on; it is repeated until it was noticed. The last reach those
/// too: a program that waits in `os.system` can't be interrupted otherwise.
constexpr std::array<interrupt_step, 6> interrupt_steps = {{
    {milliseconds{50}, false},
    {milliseconds{150}, false},
    {milliseconds{300}, false},
    {milliseconds{500}, false},
    {milliseconds{500}, true},
    {milliseconds{500}, true},
}};

}  // namespace

time_limit::time_limit(std::shared_ptr<worker> runs, std::shared_ptr<execution> program)
    : worker_{std::move(runs)}, program_{std::move(program)} {}

std::shared_ptr<time_limit> time_limit::start(const boost::asio::any_io_executor& executor,
                                              std::shared_ptr<worker> runs, std::shared_ptr<execution> program) {
  const auto limit = program->request().time_limit;
  const std::shared_ptr<time_limit> made{new time_limit{std::move(runs), std::move(program)}};
  if (!limit) return made;
  made->alarm_ = std::make_shared<http::alarm>(executor, [weak = std::weak_ptr{made}] {
    if (const auto self = weak.lock()) self->on_time();
  });
  made->alarm_->set(*limit);
  return made;
}

void time_limit::on_time() {
  if (program_->is_over()) return;
  program_->hurry();
  if (step_ == interrupt_steps.size()) return worker_->kill();
  const auto& step = interrupt_steps[step_++];
  if (step.with_children || !worker_->has_noticed_interrupt()) worker_->interrupt(step.with_children);
  alarm_->set(step.pause);
}

void time_limit::stop() {
  if (alarm_) alarm_->stop();
}

}  // namespace daytona::local::toolbox
