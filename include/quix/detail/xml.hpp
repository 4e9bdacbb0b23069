#pragma once

#include <string>
#include <string_view>

namespace quix::detail {

/// Text between the tags of an XML document: `&`, `<` and `>` escaped, control characters left out.
inline std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (static_cast<unsigned char>(c) >= 0x20)
      out += c;
  }
  return out;
}

}  // namespace quix::detail
