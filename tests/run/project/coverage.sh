# tests/coverage.csv: every ID of the coverage list once, every named test and example there.
source "$TESTS/run/lib.sh"
python3 - "$TESTS" "$SOURCE" "$BUILD" <<'PY' || bad "coverage.csv"
import csv, pathlib, re, subprocess, sys
tests, source, build = map(pathlib.Path, sys.argv[1:])
rows = list(csv.reader(open(tests / "coverage.csv")))
assert rows[0] == ["id", "behaviour", "shown by"], rows[0]
expected = ([f"Q{i:02}" for i in [*range(1, 13), 13, 14, *range(20, 33), *range(40, 54), *range(60, 85)]] + [f"P{i:02}" for i in range(1, 33)]
            + [f"S{i:02}" for i in range(1, 30)] + [f"T{i:02}" for i in range(1, 25)] + [f"H{i:02}" for i in range(1, 16)])
ids = [r[0] for r in rows[1:]]
assert sorted(ids) == sorted(expected), set(ids) ^ set(expected)
# Test names as CMake knows them, on every platform and with every option.
text = (tests / "CMakeLists.txt").read_text()
names = set(re.findall(r"quix_(?:script_)?test\((\S+)", text)) | {"static"} | {f"compile_fail/{p.stem}" for p in (tests / "compile_fail").glob("*.cpp")}
wrong = []
for row in rows[1:]:
    id_, behaviour, shown = row
    if not behaviour or not shown: wrong.append(f"{id_}: empty")
    if shown == "open" or shown.startswith("dropped: "): continue
    for item in shown.split(" + "):
        item = item.removesuffix(" (in part)")
        if item.startswith(("examples/", "tools/", "LICENSE", "README")):
            if not (source / item).exists(): wrong.append(f"{id_}: no {item}")
        elif item not in names: wrong.append(f"{id_}: no test {item}")
print("\n".join(wrong))
shown = sum(r[2] != "open" and not r[2].startswith("dropped") for r in rows[1:])
print(f"{shown} shown, {sum(r[2] == 'open' for r in rows[1:])} open, {sum(r[2].startswith('dropped') for r in rows[1:])} dropped")
sys.exit(bool(wrong))
PY
finish
