// The schematic map: our own shapes, no tiles by default. A tap chooses the place under it.
(function (gezhi) {
  "use strict";

  function style(state) {
    var colour = gezhi.maps.colour;
    return {
      color: colour(state === "chosen" ? "--gz-map-chosen" : "--gz-map-line"),
      weight: state === "chosen" ? 3 : 1,
      fillColor: colour(state === "chosen" ? "--gz-map-chosen" : state === "own" ? "--gz-map-own" : "--gz-map-fill"),
      fillOpacity: state === "chosen" ? 0.35 : 0.9
    };
  }

  // The outlines of a map, with Leaflet's options where they are not the usual ones.
  function shapes(root, datum, options) {
    return fetch(root.dataset.shapes, { credentials: "same-origin", headers: { Accept: "application/json" } })
      .then(function (answer) {
        if (!answer.ok) {
          throw new Error(String(answer.status));
        }
        return answer.json();
      })
      .then(function (collection) {
        var usual = {
          interactive: !root.hasAttribute("data-cluster-map"),
          style: style,
          coordsToLatLng: function (at) { return window.L.latLng(datum.show(at[1], at[0])); }
        };
        return window.L.geoJSON(collection, Object.assign(usual, options));
      });
  }

  function dot(at, kind) {
    return window.L.marker(at, {
      keyboard: false,
      interactive: false,
      icon: window.L.divIcon({ className: "gz-map-dot gz-map-dot-" + kind, iconSize: [20, 20] })
    });
  }

  gezhi.mapShapes = shapes;
  gezhi.mapDot = dot;

  gezhi.schematicMap = function (root) {
    var L = window.L;
    var words = root.dataset;
    var datum = gezhi.datum.of(words.datum);
    var map = gezhi.maps.ground(root);
    var said = root.querySelector("[data-map-status]");
    var chosen = words.chosen || "";
    var own = (words.own || "").split(",");
    var layer = null;
    var marker = null;
    var circle = null;

    function stateOf(code) {
      return code === chosen ? "chosen" : own.indexOf(code) >= 0 ? "own" : "plain";
    }
    function paint() {
      layer.setStyle(function (feature) { return style(stateOf(feature.properties.code)); });
    }
    function find(code) {
      return layer.getLayers().filter(function (one) { return one.feature.properties.code === code; })[0];
    }
    function highlight(place, move) {
      chosen = place.code;
      paint();
      var shape = find(chosen);
      if (shape) {
        shape.bringToFront();
        if (move) {
          map.fitBounds(shape.getBounds(), { maxZoom: 15, padding: [30, 30] });
        }
      }
      said.hidden = false;
      said.textContent = gezhi.fill(words.chosenSay, { path: place.path || place.name });
    }
    function point(lat, lng, accuracy) {
      var at = datum.show(lat, lng);
      if (marker) {
        marker.remove();
      }
      if (circle) {
        circle.remove();
        circle = null;
      }
      marker = dot(at, "here").addTo(map);
      if (accuracy) {
        circle = L.circle(at, { radius: accuracy, interactive: false, weight: 1, color: gezhi.maps.colour("--gz-map-chosen") }).addTo(map);
      }
      return at;
    }

    return shapes(root, datum).then(function (made) {
      layer = made.addTo(map);
      paint();
      var start = chosen && find(chosen) ? find(chosen).getBounds() : layer.getBounds();
      if (start.isValid()) {
        map.fitBounds(start, { maxZoom: 16, padding: [12, 12], animate: false });
      } else {
        map.setView(datum.show(Number(words.lat) || 35, Number(words.lng) || 105), words.lat ? 15 : 4);
        said.hidden = false;
        said.textContent = words.nothing;
      }
      if (words.lat && words.lng) {
        point(Number(words.lat), Number(words.lng), Number(words.accuracy));
      }
      document.addEventListener("gezhi:theme", paint);
      if (!root.hasAttribute("data-pick")) {
        return;
      }
      layer.on("click", function (event) {
        var place = event.layer.feature.properties;
        var read = datum.read(event.latlng.lat, event.latlng.lng);
        highlight(place, false);
        point(read[0], read[1]);
        document.dispatchEvent(new CustomEvent("gezhi:tapped", { detail: { lat: read[0], lng: read[1], place: place } }));
        var picker = document.getElementById(words.picker);
        var box = picker && picker.closest("[data-place-picker]");
        if (box) {
          box.dispatchEvent(new CustomEvent("gezhi:set-place", { detail: place }));
        }
      });
      document.addEventListener("gezhi:place", function (event) {
        if (event.detail.code !== chosen) {
          highlight(event.detail, true);
        }
      });
      document.addEventListener("gezhi:position", function (event) {
        var at = point(event.detail.lat, event.detail.lng, event.detail.accuracy);
        map.setView(at, Math.max(map.getZoom(), 15));
      });
    });
  };
})(window.gezhi);
