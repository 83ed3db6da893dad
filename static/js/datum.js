// Positions are kept in WGS-84. Tiles of Gaode and Tencent are drawn in GCJ-02, some hundred metres away: what is
// shown on such tiles is moved, and what is tapped on them is moved back. Nothing moved is ever stored.
window.gezhi.datum = (function () {
  "use strict";
  var AXIS = 6378245.0; // semi-major axis of the Krasovsky ellipsoid, m
  var ECCENTRICITY = 0.006693421622965943; // squared

  // Two waves of one coordinate v: p of period 2/f, q of period 2/g.
  function waves(v, p, f, q, g) {
    return ((p * Math.sin(v * f * Math.PI) + q * Math.sin(v * g * Math.PI)) * 2) / 3;
  }
  function eastings(x, y) {
    return 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x)) +
      waves(x, 20, 6, 20, 2) + waves(x, 20, 1, 40, 1 / 3) + waves(x, 150, 1 / 12, 300, 1 / 30);
  }
  function northings(x, y) {
    return -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x)) +
      waves(x, 20, 6, 20, 2) + waves(y, 20, 1, 40, 1 / 3) + waves(y, 160, 1 / 12, 320, 1 / 30);
  }

  // The shift at a WGS-84 position, in degrees.
  function shift(lat, lng) {
    var x = lng - 105;
    var y = lat - 35;
    var angle = (lat / 180) * Math.PI;
    var bend = 1 - ECCENTRICITY * Math.sin(angle) * Math.sin(angle);
    var root = Math.sqrt(bend);
    return {
      lat: (northings(x, y) * 180) / (((AXIS * (1 - ECCENTRICITY)) / (bend * root)) * Math.PI),
      lng: (eastings(x, y) * 180) / ((AXIS / root) * Math.cos(angle) * Math.PI)
    };
  }

  function toTiles(lat, lng) {
    var moved = shift(lat, lng);
    return [lat + moved.lat, lng + moved.lng];
  }

  // The way back has no formula: the shift changes so slowly that three rounds find it to the centimetre.
  function fromTiles(lat, lng) {
    var guess = [lat, lng];
    for (var round = 0; round < 3; round += 1) {
      var there = toTiles(guess[0], guess[1]);
      guess = [guess[0] + lat - there[0], guess[1] + lng - there[1]];
    }
    return guess;
  }

  return {
    // {show, read}: how a map in this datum draws a stored position and reads a tap.
    of: function (name) {
      if (name === "gcj02") {
        return { show: toTiles, read: fromTiles };
      }
      var same = function (lat, lng) { return [lat, lng]; };
      return { show: same, read: same };
    }
  };
})();
