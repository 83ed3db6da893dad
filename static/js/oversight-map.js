// The map of oversight: areas in the shades of the table beside it, the open cases on top, and the slider of weeks.
// The numbers stand in the page once, in the table; the map, its tooltips and its popups are made from them.
(function (gezhi) {
  "use strict";
  var SVG = "http://www.w3.org/2000/svg";

  function made(name, values) {
    var element = document.createElementNS(SVG, name);
    Object.keys(values).forEach(function (key) { element.setAttribute(key, values[key]); });
    return element;
  }

  // Areas without data are hatched: no shade of the scale looks like that, in print and for every eye.
  function hatch(drawing) {
    var pattern = made("pattern", { id: "gz-hatch", width: 8, height: 8, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" });
    pattern.appendChild(made("rect", { width: 8, height: 8, "class": "gz-hatch-ground" }));
    pattern.appendChild(made("rect", { width: 3, height: 8, "class": "gz-hatch-line" }));
    var defs = made("defs", {});
    defs.appendChild(pattern);
    drawing.insertBefore(defs, drawing.firstChild);
  }

  function draw(root) {
    var L = window.L;
    var words = root.dataset;
    var datum = gezhi.datum.of(words.datum);
    var map = gezhi.maps.ground(root);
    var status = root.querySelector("[data-map-status]");
    var layers = {}; // by code
    var rows = {}; // of the table, by code
    var order = []; // codes as the table has them
    var shown = null;

    function codeOf(layer) {
      return layer.feature.properties.code;
    }
    function say(sentence) {
      status.hidden = !sentence;
      status.textContent = sentence;
    }
    function sentence(layer) {
      var row = rows[codeOf(layer)];
      var name = row ? row.dataset.name : layer.feature.properties.name;
      return gezhi.fill(row ? words.figure : words.noFigure, { name: name, said: row && row.dataset.said });
    }
    function tooltip(layer) {
      return gezhi.element("span", "", sentence(layer));
    }
    // What the table says of an area, with its links: the way deeper, and to the cases behind the number.
    function popup(layer) {
      var box = gezhi.element("div", "gz-map-popup");
      var row = rows[codeOf(layer)];
      if (!row) {
        box.textContent = sentence(layer);
        return box;
      }
      Array.from(row.cells).forEach(function (cell) {
        var line = gezhi.element("div", "gz-map-popup-line");
        if (cell.dataset.label) {
          line.textContent = cell.dataset.label + " ";
        }
        Array.from(cell.childNodes).forEach(function (node) { line.appendChild(node.cloneNode(true)); });
        box.appendChild(line);
      });
      return box;
    }

    function paint(told) {
      rows = {};
      order = [];
      told.querySelectorAll("[data-area]").forEach(function (row) {
        rows[row.dataset.area] = row;
        if (layers[row.dataset.area]) {
          order.push(row.dataset.area);
        }
      });
      Object.keys(layers).forEach(function (code) {
        var element = layers[code].getElement();
        var row = rows[code];
        element.setAttribute("data-shade", row ? row.dataset.shade : "none");
        element.setAttribute("data-code", code);
        element.setAttribute("aria-label", sentence(layers[code]));
        element.setAttribute("role", "button");
        element.setAttribute("tabindex", code === order[0] ? "0" : "-1");
        if (layers[code].isPopupOpen()) {
          layers[code].getPopup().update();
        }
      });
      told.addEventListener("mouseover", point);
      told.addEventListener("focusin", point);
      told.addEventListener("mouseleave", unpoint);
    }

    // A row that is pointed at shows where its area is.
    function unpoint() {
      if (shown) {
        shown.getElement().classList.remove("is-shown");
        shown.closeTooltip();
        shown = null;
      }
    }
    function point(event) {
      var row = event.target.closest("[data-area]");
      var layer = row && layers[row.dataset.area];
      if (layer && layer !== shown) {
        unpoint();
        shown = layer;
        layer.getElement().classList.add("is-shown");
        layer.bringToFront();
        layer.openTooltip(layer.getCenter());
      }
    }

    // One stop for the Tab key; arrows go from area to area in the order of the table, Enter opens.
    function walk(event) {
      var code = event.target.getAttribute && event.target.getAttribute("data-code");
      var at = order.indexOf(code);
      var to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: order.length - 1 }[event.key];
      if (at < 0 || to === undefined) {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
      var next = layers[order[Math.min(Math.max(to, 0), order.length - 1)]];
      event.target.setAttribute("tabindex", "-1");
      next.getElement().setAttribute("tabindex", "0");
      map.panInside(next.getCenter(), { padding: [40, 40] });
      next.getElement().focus({ preventScroll: true });
    }

    function openings() {
      var from = null;
      var told = null;
      map.on("tooltipopen", function (event) { // one at a time, whether by mouse, by keyboard or from the table
        if (told && told !== event.tooltip) {
          map.closeTooltip(told);
        }
        told = event.tooltip;
      });
      map.on("popupopen", function (event) {
        from = document.activeElement;
        var link = event.popup.getElement().querySelector(".gz-map-popup a");
        if (link && from && from.matches(".gz-area:focus-visible, .leaflet-marker-icon:focus-visible")) {
          link.focus();
        } else {
          from = null;
        }
      });
      map.on("popupclose", function () {
        if (from) {
          from.focus({ preventScroll: true });
        }
      });
      map.getContainer().addEventListener("keydown", function (event) {
        if (event.key === "Escape") {
          map.closePopup();
        }
      });
    }

    function cases() {
      var box = document.querySelector("[data-atlas-cases]");
      var brought = null;
      function show() {
        if (!box.checked) {
          say("");
          if (brought) {
            brought.then(function (marks) { map.removeLayer(marks.group); });
          }
          return;
        }
        brought = brought || gezhi.caseMarks(root, datum);
        brought.then(
          function (marks) {
            if (box.checked) {
              var number = marks.found.features.length;
              map.addLayer(marks.group);
              say(gezhi.fill(marks.found.left ? words.someLeft : words.allDrawn, { n: number, left: marks.found.left }));
            }
          },
          function () {
            brought = null;
            say(words.pointsFailed);
          }
        );
      }
      box.addEventListener("change", show);
      show();
    }

    var options = {
      renderer: L.svg({ padding: 1 }),
      style: { className: "gz-area", weight: 1, fillOpacity: 1, fillColor: "url(#gz-hatch)" }
    };
    return gezhi.mapShapes(root, datum, options).then(function (ground) {
      if (!ground.getLayers().length) {
        map.setView(datum.show(35, 105), 4);
        say(words.nothing);
        return;
      }
      // Room at the top for the buttons that stand there: under them an area could not be pressed.
      map.fitBounds(ground.getBounds(), { paddingTopLeft: [12, 104], paddingBottomRight: [12, 12], animate: false });
      ground.addTo(map);
      ground.eachLayer(function (layer) {
        layers[codeOf(layer)] = layer;
        layer.bindTooltip(tooltip, { sticky: true });
        layer.bindPopup(popup);
      });
      var drawing = ground.getLayers()[0].getElement().ownerSVGElement;
      hatch(drawing);
      drawing.addEventListener("keydown", walk);
      openings();
      gezhi.each("[data-map-told]", paint);
      cases();
    });
  }

  gezhi.each("[data-atlas]", function (root) {
    gezhi.maps.soon(root, true, function () { return draw(root); });
  });

  // --- The slider says its week as dates, in sight and to a screen reader.
  gezhi.each("[data-weeks]", function (slider) {
    var output = slider.parentNode.querySelector("output");
    slider.addEventListener("input", function () {
      var week = slider.list.querySelector("option[value='" + slider.value + "']");
      output.textContent = week.label;
      slider.setAttribute("aria-valuetext", week.label);
    });
  });
  document.addEventListener("click", function (event) {
    var link = event.target.closest("[data-week]");
    var slider = document.querySelector("[data-weeks]");
    if (link && slider && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      slider.value = link.dataset.week;
      slider.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
})(window.gezhi);
