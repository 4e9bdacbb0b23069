// A program with every kind of option, for the tests that drive one: views, schema, completion.
#include <quix/cfg.hpp>

enum class Mode { fast, slow_and_safe };
struct Adam {
  float lr = 1e-3f;
  std::array<float, 2> betas{0.9f, 0.999f};
  static constexpr std::array notes = {quix::note<&Adam::lr>("peak rate", {.min = 0, .flag = 'l'}),
                                       quix::note<&Adam::betas>("decay", {.min = 0, .below = 1})};
};
struct Sgd {
  float lr = 0.1f, momentum = 0;
  std::optional<bool> nesterov{};
};
struct Clip {
  double norm = 1;
};
struct Layer {
  int width = 8;
  Mode mode = Mode::fast;
};
struct Model {
  std::vector<Layer> layers{{8}, {4}};
  std::string kind = "mlp";
  quix::Choice<Adam, Sgd> own{};
  static constexpr std::array notes = {quix::note<&Model::kind>("what it is", {.choices = {"mlp", "cnn"}})};
};
struct Options {
  quix::Choice<Adam, Sgd> optim{};
  std::optional<Clip> clip{};
  Model model{};
  Mode mode = Mode::fast;
  int epochs = 3;
  std::uint8_t small = 3;
  bool verbose = false;
  std::filesystem::path path{};
  std::map<std::string, double> weights{};
  std::vector<int> sizes{1};
  std::pair<int, std::string> pair{};
  std::variant<int, bool> either{1};
  std::chrono::seconds every{90};
  quix::ByteSize cache{1 << 20};
  std::optional<int> limit{};
  int secret = 0;
  static constexpr std::array notes = {
      quix::note<&Options::epochs>("passes", {.min = 1, .required = true, .was = "max_epochs"}),
      quix::note<&Options::secret>("", {.hidden = true}),
  };
};

int main(int argc, char** argv) {
  const auto options = quix::cfg::parse<Options>(argc, argv, {}, "A program for tests.");
  std::fputs(quix::cfg::to_yaml(options).c_str(), stdout);
}
