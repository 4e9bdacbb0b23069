// Configuration alone, without tensors: the swing of a pendulum, by one of two integrators.
//
//     build/examples/pendulum --help
//     build/examples/pendulum --integrator euler --step 10ms --length 2
//     build/examples/pendulum examples/03_pendulum/long.yaml --explain length
//     build/examples/pendulum --show yaml
//
// Runge-Kutta keeps the energy to 1e-8 over a minute; Euler's method does not.

#include <chrono>
#include <cmath>
#include <cstdio>

#include <quix/cfg.hpp>

struct State {
  double angle, speed;
};

struct Euler {  // a branch of the choice, without options
  State step(State s, double dt, auto&& slope) const {
    const auto d = slope(s);
    return {s.angle + dt * d.angle, s.speed + dt * d.speed};
  }
};

struct RungeKutta {
  int substeps = 1;

  static constexpr std::array notes = {
      quix::note<&RungeKutta::substeps>("substeps per time step", {.min = 1}),
  };

  State step(State s, double dt, auto&& slope) const {
    const auto   along = [](State a, double t, State d) { return State{a.angle + t * d.angle, a.speed + t * d.speed}; };
    const double h = dt / substeps;
    for (int i = 0; i < substeps; ++i) {
      const auto a = slope(s), b = slope(along(s, h / 2, a)), c = slope(along(s, h / 2, b)), d = slope(along(s, h, c));
      s = along(along(along(along(s, h / 6, a), h / 3, b), h / 3, c), h / 6, d);
    }
    return s;
  }
};

struct Pendulum {
  double length = 1;
  double angle = 0.5;
  double gravity = 9.81;

  static constexpr std::array notes = {
      quix::note<&Pendulum::length>("length of the rod", {.above = 0, .unit = "m"}),
      quix::note<&Pendulum::angle>("initial angle", {.min = -3.141592, .max = 3.141592, .unit = "rad"}),
      quix::note<&Pendulum::gravity>("gravitational acceleration", {.min = 0, .unit = "m/s²", .env = "GRAVITY"}),
  };
};

struct Options {
  Pendulum                        pendulum{};
  quix::Choice<RungeKutta, Euler> integrator{};
  std::chrono::milliseconds       step{1};
  std::chrono::seconds            duration{60};

  static constexpr std::array notes = {
      quix::note<&Options::integrator>("integration method"),
      quix::note<&Options::step>("time step", {.above = 0}),
      quix::note<&Options::duration>("simulated time", {.min = 0}),
  };
  std::optional<quix::Conflict> check() const {
    if (step > duration) return quix::conflict<&Options::step, &Options::duration>("the step exceeds the duration");
    return {};
  }
};

int main(int argc, char** argv) {
  const auto options = quix::cfg::parse<Options>(argc, argv, {}, "Simulates the swing of a pendulum.");
  const auto& [length, angle, gravity] = options.pendulum;
  const auto energy = [&](State s) { return s.speed * s.speed / 2 - gravity / length * std::cos(s.angle); };

  State        state{angle, 0};
  const double dt = std::chrono::duration<double>(options.step).count();
  options.integrator.visit([&](const auto& integrator) {
    for (auto n = options.duration / options.step; n > 0; --n)
      state = integrator.step(state, dt, [&](State s) {
        return State{s.speed, -gravity / length * std::sin(s.angle)};
      });
  });
  std::printf("angle %.6f, speed %.6f; the energy changed by %.1e\n", state.angle, state.speed,
              energy(state) - energy({angle, 0}));
}
