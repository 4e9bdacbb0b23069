// Pickles as Python writes them, opcode by opcode, and damaged ones.
#include <check.hpp>

#include <quix/io/pickle.hpp>

using namespace quix;
using Kind = io::Pickle::Value::Kind;

namespace {

template <std::size_t N>
std::string bytes(const char (&text)[N]) {
  return {text, N - 1};
}

std::string show(const io::Pickle::Value& value) {
  switch (value.kind) {
    case Kind::none: return "None";
    case Kind::boolean: return value.integer ? "True" : "False";
    case Kind::integer: return std::to_string(value.integer);
    case Kind::real: return std::to_string(value.real);
    case Kind::text: return value.text;
    default: break;
  }
  std::string out;
  for (const auto* item : value.items) out += (out.empty() ? "" : ",") + show(*item);
  return "(" + out + ")";
}

std::string read(const std::string& text) { return show(io::Pickle(text).root()); }

}  // namespace

TESTS {
  CHECK_EQ(read(bytes("\x80\x02J\xfb\xff\xff\xff.")), "-5");
  CHECK_EQ(read(bytes("\x80\x02J\xff\xff\xff\x7f.")), "2147483647");
  CHECK_EQ(read(bytes("\x80\x02K\xff.")), "255");
  CHECK_EQ(read(bytes("\x80\x02M\x01\x80.")), "32769");
  CHECK_EQ(read(bytes("\x80\x02\x8a\x00.")), "0");
  CHECK_EQ(read(bytes("\x80\x02\x8a\x02\x00\xff.")), "-256");
  CHECK_EQ(read(bytes("\x80\x02\x8a\x02\xff\x00.")), "255");
  CHECK_EQ(read(bytes("\x80\x02G\xc0\x04\x00\x00\x00\x00\x00\x00.")), "-2.500000");
  CHECK_EQ(read(bytes("\x80\x02\x88\x89N\x87.")), "(True,False,None)");
  CHECK_EQ(read(bytes("\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00\x8c\x01"
                      "a\x94\x8c\x01"
                      "b\x94h\x01\x87.")),
           "(a,b,b)");
  CHECK_EQ(read(bytes("\x80\x02X\x01\x00\x00\x00xq\x07h\x07\x86.")), "(x,x)");
  CHECK_EQ(read(bytes("\x80\x02K\x07"
                      "2\x86.")),
           "(7,7)");
  CHECK_EQ(read(bytes("\x80\x02K\x07(K\x01K\x02"
                      "1.")),
           "7");
  CHECK_EQ(read(bytes("\x80\x02K\x07K\x08"
                      "0.")),
           "7");
  CHECK_EQ(read(bytes("\x80\x02]K\x01"
                      "a(K\x02K\x03"
                      "e.")),
           "(1,2,3)");
  CHECK_EQ(read(bytes("\x80\x02}K\x01K\x02s(K\x03K\x04u.")), "(1,2,3,4)");
  CHECK_EQ(read(bytes("\x80\x04\x8c\x01m\x8c\x01n\x93)R.")).substr(0, 1), "(");

  CHECK_ERROR(read(bytes("\x80\x06N.")), "has the protocol 6");
  CHECK_ERROR(read(bytes("\x80\x01N.")), "has the protocol 1");
  CHECK_ERROR(read(bytes("\x80\x02K\x01K\x02(0.")), "takes more values than it has");
  CHECK_ERROR(read(bytes("\x80\x02K\x01(\x86.")), "takes more values than it has");
  CHECK_ERROR(read(bytes("\x80\x04\x8c\x01mK\x01\x93.")), "a global without a name");
  CHECK_ERROR(read(bytes("\x80\x02(K\x01"
                         "d.")),
              "has a key without a value");
  CHECK_ERROR(read(bytes("\x80\x02}(K\x01u.")), "has a key without a value");
  CHECK_ERROR(read(bytes("\x80\x02K\x01K\x02"
                         "a.")),
              "fills a value that is neither list nor dict");
  CHECK_ERROR(read(bytes("\x80\x02h\x01.")), "reads a memo entry that it never stored");
  CHECK_ERROR(read(bytes("\x80\x02K\x01)R.")), "calls a value that is not a name");
  CHECK_ERROR(read(bytes("\x80\x02X\xff\x00\x00\x00x.")), "ends early", "(at byte 7)");
  return 0;
}
