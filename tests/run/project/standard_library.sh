# A program with LibTorch calls the system's standard library. PyTorch's wheels export an older std::filesystem, which must
# not take its place.
source "$TESTS/run/lib.sh"
bindings() { LD_DEBUG=bindings "$tiny" --help 2>&1 >/dev/null | grep -E 'binding file [^ ]*/tiny \[0\] to '; }
bindings | grep >/dev/null 'libstdc++.*_ZNSt10filesystem' || bad "no call of std::filesystem seen: $(bindings | tail -3)"
foreign=$(bindings | grep -E 'to [^ ]*/lib(torch|c10)[a-z_]*\.so.*symbol `_Z(N[K]?)?St' | grep -oE '`[^\x27]*' | sort -u)
[ -z "$foreign" ] || bad "bound to LibTorch's copies: $(head -5 <<<"$foreign")"
finish
