// error: base.json:1:34: optim.lr: expected greater than 0 and 1 or less
#include <quix/cfg.hpp>
#include <quix/cfg/checked.hpp>
enum class Mode { fast, slow };
struct Adam {
  float lr = 1e-3f;
  static constexpr std::array notes = {quix::note<&Adam::lr>("peak rate", {.max = 1, .above = 0})};
};
struct Sgd {
  float lr = 0.1f, momentum = 0;
};
struct Exp {
  quix::Choice<Adam, Sgd> optim{};
  int epochs = 3;
  Mode mode = Mode::fast;
  std::array<float, 2> betas{};
};
using namespace quix::detail;
constexpr auto verdict =
    DocumentCheck(Shapes<Piece<"", Exp>>::span(), "base.json", R"({"optim": {"name": "adam", "lr": -1}})").run();
static_assert(sizeof(Report<verdict>) > 0);
