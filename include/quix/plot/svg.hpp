#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <quix/detail/separate.hpp>

namespace quix {

/// Writes an SVG image on a white background, element by element. Text is escaped; attribute values are written as
/// given.
///
///     Svg svg("Loss", 720, 320);
///     svg.line(70, {y, 1}, 700, {y, 1}, {{"stroke", "#ddd"}});
///     svg.text(64, {y + 4, 1}, "0.5", {{"text-anchor", "end"}});
///     io::replace("loss.svg", svg.document());
class Svg {
 public:
  /// A number in the format %g; `{number, digits}` has that many digits after the point.
  struct Number {
    Number(double number, int digits = -1);  // NOLINT: line(70, …)
    std::string text;
  };
  struct Attribute {
    std::string_view name, value;
  };
  using Attributes = std::initializer_list<Attribute>;
  struct Point {
    double x = 0, y = 0;
  };

  /// `root`: attributes that all elements inherit.
  Svg(std::string_view title, double width, double height, Attributes root = {});

  void line(const Number& x1, const Number& y1, const Number& x2, const Number& y2, Attributes more = {});
  void rect(const Number& x, const Number& y, const Number& width, const Number& height, Attributes more = {});
  void text(const Number& x, const Number& y, std::string_view content, Attributes more = {});
  /// Coordinates have two digits after the point.
  void polyline(const std::vector<Point>& points, Attributes more = {});

  std::string document() const { return out_ + "</svg>\n"; }

 private:
  void add(Attributes attributes);

  std::string out_;
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/plot/svg.ipp>
#endif
