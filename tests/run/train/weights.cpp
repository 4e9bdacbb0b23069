// Weights from elsewhere: prefixes, keys, types, formats by their bytes, what does not fit.
#include <check.hpp>

#include <fstream>
#include <limits>

#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>

#include <quix/io/file.hpp>
#include <quix/run/weights.hpp>

using namespace quix;

namespace {

NamedTensors model() {
  return {{"0.weight", at::zeros({2, 3})}, {"0.bias", at::zeros({2})}, {"1.count", at::zeros({}, at::kLong)}};
}
NamedTensors values() {
  return {{"0.weight", at::arange(6).to(at::kFloat).view({2, 3})},
          {"0.bias", at::ones({2})},
          {"1.count", at::ones({}, at::kLong)}};
}
NamedTensors under(const std::string& prefix, NamedTensors tensors) {
  for (auto& [name, tensor] : tensors) name = prefix + name;
  return tensors;
}
NamedTensors operator+(NamedTensors a, const NamedTensors& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}
bool loaded(const NamedTensors& into) {
  const auto expected = values();
  bool same = true;
  for (std::size_t i = 0; i < into.size(); ++i) same = same && into[i].second.equal(expected[i].second);
  return same;
}
std::string joined(const std::vector<std::string>& notices) {
  std::string out;
  for (const auto& notice : notices) out += notice + "\n";
  return out;
}
bool says(const std::vector<std::string>& notices, std::string_view piece) {
  const auto all = joined(notices);
  if (all.find(piece) != all.npos) return true;
  test::fail(__FILE__, __LINE__, "not reported: " + std::string(piece) + " but:\n" + all);
  return false;
}

void prefixes(const std::filesystem::path& folder) {
  const auto path = folder / "weights.bin";
  for (const std::string prefix : {"module.", "_orig_mod.", "model.", "state_dict.", "module._orig_mod.",
                                   "state_dict.model.", "some.other.key."}) {
    save_tensors(path, under(prefix, values()));
    const auto into = model();
    CHECK(says(load_weights_file(path, into), "stripped the prefix " + prefix + " from the names of " + path.string()));
    CHECK(loaded(into));
  }
  // Of several copies the best-known name is taken; what lies under other keys is no mistake.
  save_tensors(
      path, under("ema.", model()) + under("model.", values()) + under("optimizer.state.0.", {{"avg", at::ones(3)}}));
  const auto into = model();
  const auto notices = load_weights_file(path, into);
  CHECK(loaded(into));
  CHECK(says(notices, "stripped the prefix model. ") && says(notices, "the same names have the prefix ema."));
  CHECK(says(notices, "ignored what else the file has: ema, optimizer"));
  // Names that need no prefix keep theirs, and then every tensor has to be wanted.
  save_tensors(path, values());
  const auto plain = model();
  CHECK(load_weights_file(path, plain).empty() && loaded(plain));
  save_tensors(path, values() + NamedTensors{{"2.extra", at::ones(1)}});
  CHECK_ERROR(load_weights_file(path, model()), "unexpected tensor 2.extra");
  save_tensors(path, under("model.", values() + NamedTensors{{"2.extra", at::ones(1)}}));
  CHECK_ERROR(load_weights_file(path, model()), "unexpected tensor model.2.extra");
}

void types(const std::filesystem::path& folder) {
  const auto path = folder / "types";
  for (const auto type : {at::kHalf, at::kBFloat16, at::kDouble}) {
    auto half = values();
    for (auto& [name, tensor] : half)
      if (tensor.is_floating_point()) tensor = tensor.to(type);
    save_tensors(path, half);
    const auto into = model();
    CHECK(says(load_weights_file(path, into), "converted 2 tensors from "));
    CHECK(loaded(into));
    auto transposed = model();
    transposed[0].second = at::zeros({3, 2}).t();  // not contiguous
    load_weights_file(path, transposed);
    CHECK(loaded(transposed));
  }
  auto numbers = values();
  numbers[2].second = at::ones({});
  save_tensors(path, numbers);
  CHECK_ERROR(load_weights_file(path, model()), "tensor 1.count is F32 [], the model has I64 []");
  // No elements, in both formats.
  save_tensors(path, {{"a", at::zeros({0, 3})}, {"b", at::ones({2})}});
  const auto b = at::zeros({2});
  load_weights_file(path, {{"a", at::zeros({0, 3})}, {"b", b}});
  load_tensors(path, {{"a", at::zeros({0, 3})}, {"b", b}});
  CHECK(b.equal(at::ones({2})));
  save_tensors(path, {{"a", at::zeros({0})}});
  load_tensors(path, {{"a", at::zeros({0})}});
}

void misfits(const std::filesystem::path& folder) {
  const auto path = folder / "head";
  save_tensors(
      path,
      under("module.", {{"0.weight", values()[0].second}, {"0.bias", at::ones({5})}, {"head.bias", at::ones({1})}}));
  CHECK_ERROR(load_weights_file(path, model(), true, "the advice"), "tensor 0.bias is F32 [5], the model has F32 [2]",
              "has no tensor module.1.count", "unexpected tensor module.head.bias", "the advice");
  const auto untouched = model();
  CHECK_ERROR(load_weights_file(path, untouched), "tensor 0.bias");
  CHECK(untouched[0].second.equal(at::zeros({2, 3})));  // all or nothing
  const auto into = model();
  const auto notices = load_weights_file(path, into, false);
  CHECK(into[0].second.equal(values()[0].second) && into[1].second.equal(at::zeros({2})));
  CHECK(says(notices, "left out, of another shape or type: 0.bias (F32 [5] in the file, F32 [2] in the model)"));
  CHECK(says(notices, "left out, not in the file: 1.count"));
  CHECK(says(notices, "left out, not in the model: module.head.bias"));
  save_tensors(path, {{"conv.weight", at::ones({1})}});
  for (const bool strict : {true, false})
    CHECK_ERROR(load_weights_file(path, model(), strict, "the advice"),
                "none of its 1 tensors fits the model; it has conv.weight, the model 0.weight, 0.bias, 1.count");
}

/// What fits and is still worth a word.
void notices(const std::filesystem::path& folder) {
  const auto path = folder / "odd";
  const auto inf = std::numeric_limits<float>::infinity();
  save_tensors(path,
               {{"0.weight", at::full({2, 3}, -inf)}, {"0.bias", at::ones({2})}, {"1.count", values()[2].second}});
  const auto said = load_weights_file(path, model());
  CHECK(says(said, "not all numbers are finite (NaN or infinite) in 0.weight\n"));
  // Files from before PyTorch counted the batches of a batch normalization.
  save_tensors(path, {{"0.weight", at::ones({2, 3})}});
  const NamedTensors counted{{"0.weight", at::zeros({2, 3})}, {"1.num_batches_tracked", at::full({}, 7, at::kLong)}};
  CHECK(says(load_weights_file(path, counted), "the model keeps its own: 1.num_batches_tracked"));
  CHECK(counted[0].second.equal(at::ones({2, 3})) && counted[1].second.item<std::int64_t>() == 7);
}

/// Formats are seen in the bytes.
void formats(const std::filesystem::path& folder) {
  const auto golden = std::filesystem::path(std::getenv("QUIX_GOLDEN")) / "pt" / "state.pt";
  NamedTensors into{{"0.weight", at::zeros({2, 3})}, {"1.num_batches_tracked", at::ones({}, at::kLong)}};
  for (const auto* name : {"0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var"})
    into.emplace_back(name, at::zeros({2}));
  for (const auto* name : {"a.bin", "a.ckpt", "a.pth.tar", "a", "a.safetensors"}) {
    std::filesystem::copy_file(golden, folder / name);
    into[0].second.zero_();
    load_weights_file(folder / name, into);
    CHECK(into[0].second.equal(values()[0].second));
  }
  save_tensors(folder / "other.pt", values());  // safetensors under PyTorch's name
  const auto other = model();
  load_weights_file(folder / "other.pt", other);
  CHECK(loaded(other));

  const auto refused = [&](const char* name, std::string_view bytes, const char* what) {
    const auto path = folder / name;
    std::ofstream(path, std::ios::binary) << bytes;
    CHECK_ERROR(load_weights_file(path, model()), path.string() + ": ", what);
  };
  const auto pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
  const auto is_pointer = "a Git LFS pointer, not the file itself; fetch that with  git lfs pull";
  for (const auto* name : {"p.safetensors", "p.pt", "p.bin"}) refused(name, pointer, is_pointer);
  for (const auto* page : {"<!DOCTYPE html><html>", "\n <HTML lang=en>", "\xef\xbb\xbf<!doctype HTML>"})
    refused("page.pt", page, "an HTML page, not the file itself");
  refused("error.safetensors", "<?xml version=\"1.0\"?><Error><Code>AccessDenied", "an XML page");
  refused("empty.bin", "", "empty file");
  refused("zipped.pt.gz", "\x1f\x8b\x08", "compressed by gzip; unpack it first");
  refused("text.bin", "these are no weights", "text, not weights; check the origin of the file");
  refused("cut.safetensors", "abc", "invalid safetensors file: it has 3 bytes");
  refused("old.ckpt", std::string_view("\x80\x02\x8a", 3), "before torch 1.6");
}

}  // namespace

TESTS {
  const test::Folder folder("weights");
  prefixes(folder.path), types(folder.path), misfits(folder.path), notices(folder.path), formats(folder.path);
  return 0;
}
