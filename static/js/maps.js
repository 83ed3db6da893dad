// Brings a map only when somebody is about to see one: Leaflet is larger than all the rest of the page.
// And asks the phone for its position. See templates/components/map.html, cluster_map.html and position.html,
// and templates/oversight/map.html.
(function (gezhi) {
  "use strict";

  function fail(root) {
    var said = root.querySelector("[data-map-status]");
    if (said) {
      said.hidden = false;
      said.textContent = root.dataset.failed;
    }
  }

  // The map's ground: tiles if the installation has any, else nothing but our own shapes.
  function ground(root) {
    var words = root.dataset;
    var L = window.L;
    var map = L.map(root.querySelector("[data-map-canvas]"), {
      preferCanvas: true,
      zoomControl: false,
      attributionControl: Boolean(words.tiles),
      minZoom: 4,
      maxZoom: 19,
      zoomSnap: 0.25
    });
    L.control.zoom({ zoomInTitle: words.zoomIn, zoomOutTitle: words.zoomOut }).addTo(map);
    if (words.tiles) {
      map.attributionControl.setPrefix(false);
      L.tileLayer(words.tiles, { attribution: [words.attribution, words.approval].filter(Boolean).join(" ") }).addTo(map);
    }
    return map;
  }

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  // Loads what a map needs, with marks in clusters or without; then draws it.
  function bring(root, clustered, draw) {
    var words = gezhi.words();
    var sheets = [gezhi.load(words.leafletCss)].concat(clustered ? [gezhi.load(words.clusterCss)] : []);
    gezhi
      .load(words.leafletJs)
      .then(function () {
        return Promise.all(sheets.concat([gezhi.load(words.datumJs)], clustered ? [gezhi.load(words.clusterJs)] : []));
      })
      .then(function () { return gezhi.load(words.schematicJs); })
      .then(function () { return clustered ? gezhi.load(words.clustersJs) : null; })
      .then(draw)
      .catch(function () { fail(root); });
  }

  // The same, as soon as somebody is about to see it.
  function soon(root, clustered, draw) {
    if (!window.IntersectionObserver) {
      bring(root, clustered, draw);
      return;
    }
    var watch = new IntersectionObserver(
      function (entries) {
        if (entries.some(function (entry) { return entry.isIntersecting; })) {
          watch.disconnect();
          bring(root, clustered, draw);
        }
      },
      { rootMargin: "200px" }
    );
    watch.observe(root);
  }

  gezhi.maps = { colour: colour, ground: ground, soon: soon };

  gezhi.each("[data-map], [data-cluster-map]", function (root) {
    var clustered = root.hasAttribute("data-cluster-map");
    soon(root, clustered, function () { return clustered ? gezhi.clusterMap(root) : gezhi.schematicMap(root); });
  });

  // --- The phone's position. Accuracy is always shown; a schematic cell is only offered.
  gezhi.each("[data-position]", function (root) {
    var words = root.dataset;
    var button = root.querySelector("[data-locate]");
    var status = root.querySelector("[data-position-status]");
    var offer = root.querySelector("[data-offer]");
    var offered = null;

    function field(name) {
      return root.querySelector("input[data-" + name + "]");
    }
    function write(lat, lng, accuracy, source) {
      field("lat").value = lat;
      field("lng").value = lng;
      field("accuracy").value = accuracy;
      field("source").value = source;
    }
    function say(sentence) {
      status.textContent = sentence;
    }
    function choose(place) {
      var picker = document.getElementById(words.picker);
      var box = picker && picker.closest("[data-place-picker]");
      if (box) {
        box.dispatchEvent(new CustomEvent("gezhi:set-place", { detail: place }));
      }
    }

    function locate(lat, lng) {
      var address = new URL(words.locateUrl, window.location.href);
      address.searchParams.set("lat", lat);
      address.searchParams.set("lng", lng);
      return fetch(address.href, { credentials: "same-origin", headers: { Accept: "application/json" } }).then(
        function (answer) { return answer.ok ? answer.json() : null; }
      );
    }
    function take(found) {
      var place = found && (found.grid || found);
      if (!place || !place.code) {
        say(words.outside);
      } else if ((found.geometry || place.geometry) === "surveyed") {
        choose(place);
      } else {
        offered = place;
        offer.hidden = false;
        offer.querySelector("[data-offer-words]").textContent = gezhi.fill(words.offer, { path: place.path || place.name });
        offer.querySelector("button").focus();
      }
    }

    button.addEventListener("click", function () {
      if (!navigator.geolocation) {
        say(words.unable);
        return;
      }
      button.setAttribute("aria-busy", "true");
      say(words.asking);
      navigator.geolocation.getCurrentPosition(
        function (found) {
          var lat = found.coords.latitude.toFixed(6);
          var lng = found.coords.longitude.toFixed(6);
          var accuracy = Math.round(found.coords.accuracy);
          button.removeAttribute("aria-busy");
          write(lat, lng, accuracy, words.source || "phone");
          say(gezhi.fill(words.got, { accuracy: accuracy }));
          document.dispatchEvent(
            new CustomEvent("gezhi:position", { detail: { lat: Number(lat), lng: Number(lng), accuracy: accuracy } })
          );
          if (words.locateUrl) {
            locate(lat, lng).then(take, function () { say(words.outside); });
          }
        },
        function (error) {
          button.removeAttribute("aria-busy");
          say(error.code === 1 ? words.denied : words.unable);
        },
        { enableHighAccuracy: true, timeout: 15000, maximumAge: 30000 }
      );
    });
    offer.addEventListener("click", function (event) {
      var pressed = event.target.closest("button");
      if (!pressed) {
        return;
      }
      offer.hidden = true;
      if (pressed.hasAttribute("data-yes")) {
        field("confirmed").value = "on";
        choose(offered);
      } else {
        say(words.pickInstead);
        var picker = document.getElementById(words.picker);
        if (picker) {
          picker.focus();
        }
      }
    });
    document.addEventListener("gezhi:tapped", function (event) {
      write(event.detail.lat.toFixed(6), event.detail.lng.toFixed(6), "", "picked");
      field("confirmed").value = "on"; // the person pointed at the cell itself
      say("");
      offer.hidden = true;
    });
  });
})(window.gezhi);
