# Weights that others wrote, for training and evaluation; data without the split that is asked for.
source "$TESTS/run/lib.sh"
python=$SOURCE/.deps/venv/bin/python
make_shapes idx
"$quix" data import idx data/shapes >/dev/null || exit 1
expect 0 "" "$tiny" --name source --epochs 2
checkpoint=$(ls -d runs/tiny/source/checkpoints/* | tail -1)
"$tiny" eval --from runs/tiny/source | sed 's/.*samples of //' >expected

# eval --weights FILE: the program's own configuration, and whatever the file is called.
cp "$checkpoint/model.safetensors" plain.bin
"$tiny" eval --weights plain.bin | sed 's/.*samples of //' >got; cmp -s expected got || bad "eval --weights: $(cat got)"
expect 0 "plain.bin on 100 samples of val: " "$tiny" eval --weights plain.bin
"$tiny" eval --weights runs/tiny/source | sed 's/.*samples of //' >got; cmp -s expected got || bad "eval --weights RUN: $(cat got)"
expect 0 "plain.bin on 410 samples of train: " "$tiny" eval --weights plain.bin --split train
expect 2 "--from: eval needs the run whose weights it uses
eval --weights FILE" "$tiny" eval
expect 2 "--split: the data has no split test" "$tiny" eval --weights plain.bin --split test
expect 2 "--split: is a flag of the command eval, not of train" "$tiny" --split train
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n' >pointer.safetensors
expect 2 "pointer.safetensors: a Git LFS pointer" "$tiny" eval --weights pointer.safetensors

# A head for other classes: the rest is loaded, what does not fit is listed.
expect 2 "tensor 1.weight is F32 [16, 36], the model has F32 [8, 36]
plain.bin: --weights.strict false loads only what fits" "$tiny" --weights plain.bin --hidden 8 --name strict
[ ! -e runs/tiny/strict ] || bad "weights that do not fit left a run"
expect 0 "note: --weights: left out, of another shape or type: 1.weight (F32 [16, 36] in the file, F32 [8, 36] in the model), 1.bias" \
  "$tiny" --weights plain.bin --weights.strict false --hidden 8 --name loose --epochs 1
grep -q '^weights' runs/tiny/loose/config.yaml && bad "the configuration holds the program's own options"
expect 0 "left out" "$tiny" eval --weights plain.bin --weights.strict=False --hidden 8

if "$python" -c 'import torch, safetensors' 2>/dev/null; then
  CHECKPOINT=$checkpoint "$python" - <<'PY' || bad "torch.save"
import os
import torch
from safetensors.torch import load_file
state = load_file(os.environ["CHECKPOINT"] + "/model.safetensors")
under = lambda prefix, tensors: {prefix + k: v for k, v in tensors.items()}
half = {k: v.half() if v.is_floating_point() else v for k, v in state.items()}
torch.save(under("module.", state), "ddp.pth.tar")
torch.save({"epoch": 3, "state_dict": under("model._orig_mod.", state), "optimizer_states": [{"state": {0: {"exp_avg": torch.ones(3)}}}]}, "lightning.ckpt")
torch.save({"model": state, "empty": torch.zeros(0, 3)}, "nested")
torch.save(half, "half.bin")
PY
  for file in ddp.pth.tar lightning.ckpt nested; do
    "$tiny" eval --weights $file 2>notes | sed 's/.*samples of //' >got; cmp -s expected got || bad "eval --weights $file: $(cat got notes)"
    grep -q "stripped the prefix " notes || bad "$file: not reported: $(cat notes)"
  done
  expect 0 "stripped the prefix state_dict.model._orig_mod. from the names of lightning.ckpt
ignored what else the file has: optimizer_states" "$tiny" eval --weights lightning.ckpt
  expect 0 "converted 8 tensors from F16 to F32" "$tiny" eval --weights half.bin
fi

# Data without validation: training goes on, evaluation does not take other data for it.
mkdir data/alone; cp data/shapes/train* data/alone
expect 0 "train loss" "$tiny" --data.path alone --name alone --epochs 1
expect 2 "--split: the data has no split val; to evaluate on the training data:  --split train" "$tiny" eval --from runs/tiny/alone
expect 0 "on 410 samples of train: " "$tiny" eval --from runs/tiny/alone --split train
expect 2 "--data.val.path: data.val.path is set, but the data has no split val, or an empty one" "$tiny" --data.val.path alone --name other
[ ! -e runs/tiny/other ] || bad "a refused run left a folder"
printf 'data: {val: {path: alone}}\n' >val.yaml
expect 2 "val.yaml:1:20: data.val.path is set, but the data has no split val" "$tiny" eval --weights plain.bin val.yaml
expect 0 "on 100 samples of val" "$tiny" eval --from runs/tiny/alone --data.val.path shapes
finish
