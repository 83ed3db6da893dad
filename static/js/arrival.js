// Reporting on site: where I am, how far from the place, and when it was pressed by the server's clock.
(function (gezhi) {
  "use strict";
  var FRESH = 240000; // ms between two contacts while the page is open
  var EARTH = 6371008.8; // metres, as on the server

  function rad(degrees) {
    return (degrees * Math.PI) / 180;
  }

  // Metres along the great circle.
  function distance(a, b) {
    var north = Math.sin(rad(b.lat - a.lat) / 2);
    var east = Math.sin(rad(b.lng - a.lng) / 2);
    var part = north * north + Math.cos(rad(a.lat)) * Math.cos(rad(b.lat)) * east * east;
    return 2 * EARTH * Math.asin(Math.sqrt(part));
  }

  // The last contact with the server: its signed instant, and the steady clock when it came.
  function contacts(form) {
    var entry = performance.getEntriesByType && performance.getEntriesByType("navigation")[0];
    var last = { token: form.dataset.contact, steady: entry && entry.responseStart ? entry.responseStart : 0 };

    function renew() {
      var asked = performance.now();
      return fetch(form.dataset.contactUrl, { cache: "no-store", credentials: "same-origin" })
        .then(function (answer) { return answer.ok ? answer.json() : Promise.reject(new Error("no contact")); })
        .then(function (said) {
          last = { token: said.contact, steady: asked };
          return gezhi.clock.resync();
        })
        .catch(function () {
          // No line: the last contact stands.
        });
    }
    setInterval(renew, FRESH);
    window.addEventListener("online", renew);
    window.addEventListener("pageshow", function (event) {
      if (event.persisted) {
        renew();
      }
    });
    return function () { return last; };
  }

  function position(form) {
    var box = form.querySelector("[data-where]");
    var status = box.querySelector("[data-where-status]");
    var words = box.dataset;

    function got(found) {
      var here = { lat: found.coords.latitude, lng: found.coords.longitude };
      form.elements.lat.value = here.lat.toFixed(6);
      form.elements.lng.value = here.lng.toFixed(6);
      form.elements.accuracy.value = Math.round(found.coords.accuracy);
      var values = { accuracy: Math.round(found.coords.accuracy) };
      var pattern = words.got;
      if (words.lat) {
        var away = Math.round(distance(here, { lat: Number(words.lat), lng: Number(words.lng) }));
        values.distance = away < 1000 ? gezhi.fill(words.metres, { n: away }) : gezhi.fill(words.kilometres, { n: (away / 1000).toFixed(1) });
        pattern = words.gotDistance;
      }
      status.textContent = gezhi.fill(pattern, values);
    }
    function locate() {
      if (!navigator.geolocation) {
        status.textContent = words.unable;
        return;
      }
      status.textContent = words.asking;
      navigator.geolocation.getCurrentPosition(got, function (error) {
        status.textContent = error.code === 1 ? words.denied : words.unable;
      }, { enableHighAccuracy: true, timeout: 20000, maximumAge: 15000 });
    }
    box.querySelector("[data-where-again]").addEventListener("click", locate);
    locate();
  }

  gezhi.each("form[data-arrival]", function (form) {
    var contact = contacts(form);
    position(form);
    form.addEventListener("gezhi:press", function () {
      var last = contact();
      form.elements.pressed_at.value = new Date(gezhi.clock.now()).toISOString();
      form.elements.contact.value = last.token;
      form.elements.elapsed.value = Math.max(0, Math.round(performance.now() - last.steady));
    });
  });
})(window.gezhi);
