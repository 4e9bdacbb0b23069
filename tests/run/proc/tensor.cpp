// Batch memory as tensors, and tensors as files.
#include <check.hpp>

#include <cstdlib>

#include <ATen/ops/arange.h>
#include <ATen/ops/complex.h>
#include <ATen/ops/imag.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <quix/data/pool.hpp>
#include <quix/torch/tensor.hpp>

using namespace quix;

TESTS {
  // The tensor keeps the memory: it goes back to the pool when the last one dies.
  Pool pool(64);
  auto memory = pool.get();
  auto* first = memory.get();
  for (int i = 0; i < 12; ++i) memory.get()[i] = static_cast<std::byte>(i);
  {
    // Two pixels high, two wide, three channels, channels last.
    Array array(memory, memory.get(), {.dtype = DType::u8, .shape = {1, 3, 2, 2}, .strides = {12, 1, 6, 3}});
    auto tensor = *array;
    array = {};
    memory.reset();
    CHECK_EQ(tensor.dim(), 4);
    CHECK(tensor.is_contiguous(at::MemoryFormat::ChannelsLast));
    CHECK_EQ(tensor[0][2][1][0].item<int>(), 8);
    CHECK(pool.get().get() != first);
  }
  CHECK(pool.get().get() == first || pool.get().get() == first);
  CHECK_ERROR(*Array{}, "empty field: not part of a batch");
  for (int i = 0; i < dtype_count; ++i) CHECK(dtype_of(scalar_type(static_cast<DType>(i))) == static_cast<DType>(i));

  const test::Folder folder("tensor");
  const auto path = folder.path / "x.safetensors";
  const auto a = at::arange(6).to(at::kFloat).view({2, 3});
  const auto tied = at::ones({4});
  const NamedTensors saved{
      {"a", a}, {"a_transposed", a.t()}, {"one", tied}, {"other_name", tied}, {"count", at::ones({}, at::kLong)}};
  const auto hash = save_tensors(path, saved);
  CHECK_EQ(hash, io::hash_file(path));
  const auto b = at::zeros({2, 3}), bt = at::zeros({2, 3}).t(), c = at::zeros({4}), d = at::zeros({4}),
             n = at::zeros({}, at::kLong);
  load_tensors(path, {{"a", b}, {"a_transposed", bt}, {"one", c}, {"other_name", d}, {"count", n}});
  CHECK(b.equal(a) && bt.equal(a.t()) && c.equal(tied) && d.equal(tied) && n.item<int>() == 1);
  CHECK_EQ(io::Safetensors(path).entries().size(), 4u);  // shared memory is written once

  // One memory in several shapes: each loads as what it was.
  const auto shaped = folder.path / "shaped.safetensors";
  save_tensors(shaped, {{"x", a}, {"flat", a.view(-1)}, {"turned", a.view({3, 2})}, {"again", a}, {"row", a[0]}});
  const auto flat = at::zeros({6}), turned = at::zeros({3, 2}), again = at::zeros({2, 3}), row = at::zeros({3});
  b.zero_();
  load_tensors(shaped, {{"x", b}, {"flat", flat}, {"turned", turned}, {"again", again}, {"row", row}});
  CHECK(b.equal(a) && flat.equal(a.view(-1)) && turned.equal(a.view({3, 2})) && again.equal(a) && row.equal(a[0]));
  // An expanded tensor repeats elements: each is written once, and what differs is said.
  const auto expanded = folder.path / "expanded.safetensors";
  save_tensors(expanded, {{"one", at::tensor({7.0f}).expand({3})}, {"rows", a[1].expand({4, 3})}});
  const auto base = at::zeros({1}), rows = at::zeros({3});
  load_tensors(expanded, {{"one", base.expand({3})}, {"rows", rows.expand({4, 3})}});
  CHECK(base.item<float>() == 7 && rows.equal(a[1]));
  save_tensors(expanded, {{"one", at::tensor({7.0f, 7.0f, 8.0f})}});
  CHECK_ERROR((load_tensors(expanded, {{"one", base.expand({3})}}), 0),
              "expanded.safetensors, tensor one: values differ, but the model's tensor repeats one (expand)");
  CHECK_EQ(base.item<float>(), 7.0f);
  // Conjugates and negatives that are not computed yet.
  const auto complex = at::complex(a, a + 1), saved_complex = at::zeros({2, 3}, at::kComplexFloat),
             imaginary = at::zeros({2, 3});
  save_tensors(expanded, {{"c", complex.conj()}, {"i", at::imag(complex.conj())}});
  load_tensors(expanded, {{"c", saved_complex}, {"i", imaginary}});
  CHECK(at::imag(saved_complex).equal(-(a + 1)) && imaginary.equal(-(a + 1)));

  // A module that Python saved whole: its state, by the names of state_dict().
  const auto weight = at::zeros({2, 3}), steps = at::zeros({}, at::kLong).add_(9);
  NamedTensors module{{"0.weight", weight}, {"1.num_batches_tracked", steps}};
  for (const auto* name : {"0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var"})
    module.emplace_back(name, at::zeros({2}));
  load_tensors(std::filesystem::path(std::getenv("QUIX_GOLDEN")) / "pt" / "module.pt", module);
  CHECK(weight.equal(a) && steps.item<int>() == 0 && module.back().second.equal(at::ones({2})));

  CHECK_ERROR((load_tensors(path, {{"a", at::zeros({3, 2})}, {"cuont", n}}), 0),
              "tensor a is F32 [2, 3], the model has F32 [3, 2]", "has no tensor cuont; the nearest name is count",
              "unexpected tensor a_transposed");
  return 0;
}
