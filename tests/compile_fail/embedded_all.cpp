// error: base.json:1:18: optim.lr: expected a number
// also: base.json:2:2: no option epohcs, did you mean epochs
// also: base.json:3:10: mode: expected one of fast, slow, not medium
// also: base.json:4:15: betas.*: expected a number
// errors: 4
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
inline constexpr Findings findings =
    DocumentCheck(Shapes<Piece<"", Exp>>::span(), "base.json", R"({"optim": {"lr": true, "name": "sgd"},
 "epohcs": 4,
 "mode": "medium",
 "betas": [0, [1]]})")
        .all();
static_assert(findings.size == 4);
static_assert((report_findings<findings>(), true));
