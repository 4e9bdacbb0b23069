#pragma once

#include <cstdio>

#include <quix/cfg/terminal.hpp>
#include <quix/detail/xml.hpp>
#include <quix/plot/svg.hpp>

namespace quix {

QUIX_INLINE Svg::Number::Number(double number, int digits) {
  if (digits >= 0) {
    text = fixed_text(number, digits);
    return;
  }
  char general[32];
  std::snprintf(general, sizeof general, "%g", number);
  text = general;
}

QUIX_INLINE void Svg::add(Attributes attributes) {
  for (const auto& [name, value] : attributes) out_.append(" ").append(name).append("=\"").append(value).append("\"");
}

QUIX_INLINE Svg::Svg(std::string_view title, double width, double height, Attributes root) : out_("<svg") {
  const auto size = Number(width).text + " " + Number(height).text;
  add({{"xmlns", "http://www.w3.org/2000/svg"},
       {"viewBox", "0 0 " + size},
       {"font-family", "sans-serif"},
       {"font-size", "12"}});
  add(root);
  out_ += ">\n<title>" + detail::escaped(title) + "</title>\n<rect";
  add({{"width", "100%"}, {"height", "100%"}, {"fill", "white"}});
  out_ += "/>\n";
}

QUIX_INLINE void Svg::line(const Number& x1, const Number& y1, const Number& x2, const Number& y2, Attributes more) {
  out_ += "<line";
  add({{"x1", x1.text}, {"y1", y1.text}, {"x2", x2.text}, {"y2", y2.text}});
  add(more);
  out_ += "/>\n";
}

QUIX_INLINE void Svg::rect(const Number& x, const Number& y, const Number& width, const Number& height,
                           Attributes more) {
  out_ += "<rect";
  add({{"x", x.text}, {"y", y.text}, {"width", width.text}, {"height", height.text}});
  add(more);
  out_ += "/>\n";
}

QUIX_INLINE void Svg::text(const Number& x, const Number& y, std::string_view content, Attributes more) {
  out_ += "<text";
  add({{"x", x.text}, {"y", y.text}});
  add(more);
  out_ += ">" + detail::escaped(content) + "</text>\n";
}

QUIX_INLINE void Svg::polyline(const std::vector<Point>& points, Attributes more) {
  out_ += "<polyline";
  add(more);
  out_ += " points=\"";
  for (const auto& [x, y] : points) out_ += fixed_text(x, 2) + "," + fixed_text(y, 2) + " ";
  out_ += "\"/>\n";
}

}  // namespace quix
