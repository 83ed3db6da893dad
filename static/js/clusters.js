// A list as a map: points in clusters, each cluster in the colour of its worst. The table stands beside it.
(function (gezhi) {
  "use strict";
  var RANK = ["off", "met", "late", "ok", "paused", "soon", "over"];

  function worst(markers) {
    return markers.reduce(function (found, marker) {
      return RANK.indexOf(marker.options.look) > RANK.indexOf(found) ? marker.options.look : found;
    }, "off");
  }

  function popup(about) {
    var box = gezhi.element("div", "gz-map-popup");
    var link = gezhi.element("a", "", about.title);
    link.href = about.url;
    box.appendChild(link);
    [about.number, about.path, about.words].filter(Boolean).forEach(function (line) {
      box.appendChild(gezhi.element("div", "gz-map-popup-line", line));
    });
    return box;
  }

  function named(layer, sentence) {
    var element = layer.getElement && layer.getElement();
    if (element) {
      element.setAttribute("role", "button");
      element.setAttribute("aria-label", sentence);
    }
  }

  // The cases of an address as marks in clusters: a promise of {group, found}, found as the address answered.
  function marks(root, datum) {
    var L = window.L;
    var words = root.dataset;
    var group = L.markerClusterGroup({
      showCoverageOnHover: false,
      maxClusterRadius: 50,
      chunkedLoading: true,
      iconCreateFunction: function (cluster) {
        var look = worst(cluster.getAllChildMarkers());
        var number = gezhi.element("span", "", String(cluster.getChildCount()));
        return L.divIcon({ html: number, className: "gz-cluster gz-cluster-" + look, iconSize: [44, 44] });
      }
    });
    group.on("add layeradd animationend", function () {
      setTimeout(function () {
        root.querySelectorAll(".gz-cluster").forEach(function (one) {
          one.setAttribute("aria-label", gezhi.fill(words.clusterSay, { n: one.textContent }));
          one.setAttribute("role", "button");
        });
      }, 0);
    });

    function mark(feature) {
      var at = feature.geometry.coordinates;
      var about = feature.properties;
      var look = RANK.indexOf(about.look) >= 0 ? about.look : "ok";
      var marker = L.marker(datum.show(at[1], at[0]), {
        look: look,
        icon: L.divIcon({ className: "gz-map-pin gz-map-pin-" + look, iconSize: [28, 28] })
      });
      marker.on("add", function () { named(marker, [about.number, about.title, about.words].filter(Boolean).join(" ")); });
      marker.bindPopup(function () { return popup(about); });
      return marker;
    }

    return fetch(words.points, { credentials: "same-origin", headers: { Accept: "application/json" } })
      .then(function (answer) {
        if (!answer.ok) {
          throw new Error(String(answer.status));
        }
        return answer.json();
      })
      .then(function (found) {
        group.addLayers(found.features.map(mark));
        return { group: group, found: found };
      });
  }

  gezhi.caseMarks = marks;

  gezhi.clusterMap = function (root) {
    var words = root.dataset;
    var datum = gezhi.datum.of(words.datum);
    var map = gezhi.maps.ground(root);
    var said = root.querySelector("[data-map-status]");
    var ground = words.shapes ? gezhi.mapShapes(root, datum) : Promise.resolve(null);
    return Promise.all([ground, marks(root, datum)]).then(function (both) {
      if (both[0]) {
        both[0].addTo(map);
        document.addEventListener("gezhi:theme", function () { both[0].resetStyle(); });
      }
      var number = both[1].found.features.length;
      map.addLayer(both[1].group);
      var bounds = number ? both[1].group.getBounds() : both[0] && both[0].getBounds();
      if (bounds && bounds.isValid()) {
        map.fitBounds(bounds, { maxZoom: 15, padding: [24, 24], animate: false });
      } else {
        map.setView([35, 105], 4);
      }
      said.hidden = false;
      said.textContent = gezhi.fill(number ? words.count : words.nothing, { n: number });
    });
  };
})(window.gezhi);
