#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <nettle/sha2.h>

namespace quix::io {

/// Incremental SHA-256 (FIPS 180-4), computed by Nettle with the processor's SHA instructions if available.
class Sha256 {
 public:
  Sha256() { sha256_init(&state_); }

  void update(const void* data, std::size_t size) {
    sha256_update(&state_, size, static_cast<const unsigned char*>(data));
  }

  /// 64 hexadecimal digits. Resets the object.
  std::string hex() {
    unsigned char digest[SHA256_DIGEST_SIZE];
    sha256_digest(&state_, sizeof digest, digest);
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (unsigned char byte : digest) {
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
    return out;
  }

  static std::string of(std::string_view bytes) {
    Sha256 hash;
    hash.update(bytes.data(), bytes.size());
    return hash.hex();
  }

 private:
  sha256_ctx state_;
};

}  // namespace quix::io
