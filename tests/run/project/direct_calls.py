"""direct_calls.py OBJECT…: in the objects of experiments, within a batch nothing of quix or of the experiment is called
through a pointer. Looks at train_batch() and eval_batch(), and at all that they call directly:

- no function's address is taken (a std::function, a callback), but for the destructors of what is thrown;
- no table of functions is referred to, but for those of exceptions and of LibTorch's modules;
- std::function is not called;
- what quix's own functions call through a pointer are virtual functions: of LibTorch's tensors and modules, as quix has
  none."""
import re, subprocess, sys

OURS = re.compile(r"quix::|\(anonymous namespace\)|^[A-Z]\w*::")  # an experiment's types are at the top, or in no namespace


def run(*words, text=None):
    return subprocess.run(words, input=text, capture_output=True, text=True, check=True).stdout


def symbol(relocation):
    name = re.sub(r"[-+]0x[0-9a-f]+$", "", relocation)
    return re.sub(r"^\.text\.(?:unlikely\.|hot\.|startup\.)?(?=_Z)", "", name)


def functions_of(listing):
    """Of each function its instructions, each with the symbols that it refers to."""
    functions, now = {}, None
    for line in listing.split("\n"):
        if match := re.match(r"[0-9a-f]+ <(.+)>:$", line):
            now = functions.setdefault(match[1], [])
        elif now is None:
            continue
        elif match := re.match(r"\s+[0-9a-f]+: R_\S+\s+(\S+)", line):
            if now:
                now[-1][1].append(match[1])
        elif match := re.match(r"\s+[0-9a-f]+:\s+(\S.*)$", line):
            now.append((re.sub(r"^(?:notrack|bnd) ", "", match[1].replace("\t", " ")), []))
    return functions


def tables_of(relocations, symbols):
    """Of each object of data the functions that it points to: by its symbol, and by its section and the place there."""
    objects = {}  # of each section: begin, end, symbol
    for line in symbols.split("\n"):
        if match := re.match(r"([0-9a-f]+) .{7} (\.\S+)\t([0-9a-f]+)(?: \.hidden)? (\S+)$", line):
            begin, size = int(match[1], 16), int(match[3], 16)
            objects.setdefault(match[2], []).append((begin, begin + size, match[4]))
    tables, now = {}, ""
    for line in relocations.split("\n"):
        if match := re.match(r"RELOCATION RECORDS FOR \[(.+)\]:", line):
            now = match[1]
        elif (match := re.match(r"([0-9a-f]+) R_X86_64_64\s+(\S+)", line)) and now.startswith((".data", ".rodata")):
            place = int(match[1], 16)
            for begin, end, name in objects.get(now, []):
                if begin <= place < end:
                    tables.setdefault(name, []).append(symbol(match[2]))
    return tables, objects


def object_of(relocation, objects):
    """The symbol of the data that an instruction refers to, also where it names section and offset."""
    match = re.match(r"(\.\S+?)\+0x([0-9a-f]+)$", relocation)
    if not match or match[1] not in objects:
        return symbol(relocation)
    place = int(match[2], 16) + 4  # of an address relative to the end of four bytes
    return next((name for begin, end, name in objects[match[1]] if begin <= place < end), "")


def virtual(body, at):
    """Whether a call through a register goes through the table at an object's begin."""
    call = body[at][0]
    match = re.match(r"(?:call|jmp)\w* +\*(?:(?:0x[0-9a-f]+)?\((%\w+)\)|(%\w+))", call)
    if not match:
        return False
    wanted = match[1] or match[2]
    for instruction, _ in reversed(body[max(0, at - 40):at]):
        if re.match(rf"mov\w* +(?:0x0)?\(%\w+\),{wanted}$", instruction):
            return True
        if found := re.match(rf"mov\w* +(?:0x[0-9a-f]+)?\((%\w+)\),{wanted}$", instruction):
            wanted = found[1]  # the function was read from there
    return False


def check(path):
    functions = functions_of(run("objdump", "-dr", "--no-show-raw-insn", path))
    tables, objects = tables_of(run("objdump", "-r", path), run("objdump", "-t", path))
    text = dict(zip(functions, run("c++filt", text="\n".join(functions)).split("\n")))
    begin = [f for f in functions if re.search(r"\b(Runner|Evaluator)<.*>::(train|eval)_batch\(\)(?! \[clone \.cold)", text[f])]
    if {re.search(r"(\w+)_batch\(\)", text[f])[1] for f in begin} != {"train", "eval"}:
        return [f"{path}: no train_batch() and eval_batch() found"]
    reached, left, wrong = set(begin), list(begin), []
    while left:
        name = left.pop()
        for instruction, links in functions[name]:
            for link in map(symbol, links):
                if link in functions and link not in reached and re.match(r"(call|j\w+) ", instruction):
                    reached.add(link)
                    left.append(link)
    for name in sorted(reached):
        where, body = text[name], functions[name]
        for at, (instruction, links) in enumerate(body):
            for reference in links:
                link, data = symbol(reference), object_of(reference, objects)
                if link == "_ZSt25__throw_bad_function_callv":
                    wrong.append(f"{where}: calls a std::function")
                elif link in functions and not re.match(r"(call|j\w+) ", instruction) and "::~" not in text[link]:
                    wrong.append(f"{where}: takes the address of {text[link]}")
                for target in tables.get(data, []) if not data.startswith(("_ZTV", "_ZTI")) else []:
                    if target in functions and "::~" not in text[target]:
                        wrong.append(f"{where}: refers to the table {data} with {text[target]}")
            if re.match(r"(call|jmp)\w* +\*", instruction) and OURS.search(re.sub(r"<.*", "", where)) and not virtual(body, at):
                wrong.append(f"{where}: {instruction}")
    print(f"{path}: {len(reached)} of {len(functions)} functions are reached from a batch")
    return wrong


problems = [line for path in sys.argv[1:] for line in check(path)]
print("\n".join(problems), file=sys.stderr)
sys.exit(bool(problems))
