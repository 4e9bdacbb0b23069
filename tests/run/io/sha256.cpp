// FIPS 180-4 examples, and NIST's message of a million a's.
#include <check.hpp>

#include <quix/io/sha256.hpp>

TESTS {
  using quix::io::Sha256;
  CHECK_EQ(Sha256::of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK_EQ(Sha256::of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK_EQ(Sha256::of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
           "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  Sha256 hash;
  const std::string block(1000, 'a');
  for (int i = 0; i < 1000; ++i) hash.update(block.data(), block.size());
  CHECK_EQ(hash.hex(), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  CHECK_EQ(hash.hex(), Sha256::of(""));  // it starts anew
  return 0;
}
