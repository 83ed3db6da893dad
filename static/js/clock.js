// The server's clock in the browser. The phone's own time may be wrong by hours and its timers sleep with it:
// so only the difference to the server is kept, measured on every page and again after every sleep.
window.gezhi.clock = (function () {
  "use strict";
  var JUMP = 2000; // ms by which two clocks of this machine may drift apart between two looks
  var offset = 0; // server minus this machine, ms
  var lastWall = Date.now();
  var lastSteady = performance.now();
  var syncing = null;
  var listeners = [];

  // When the page's bytes arrived, by this machine's wall clock: what the server wrote was true about then.
  function arrival() {
    var entry = performance.getEntriesByType && performance.getEntriesByType("navigation")[0];
    var passed = entry && entry.responseStart ? performance.now() - entry.responseStart : 0;
    return Date.now() - passed;
  }

  function setOffset(serverAt, wallAt) {
    offset = serverAt - wallAt;
    lastWall = Date.now();
    lastSteady = performance.now();
    listeners.forEach(function (listener) { listener(); });
  }

  // Asks the server; the answer's Date header names whole seconds, so its middle is taken.
  function resync() {
    if (syncing) {
      return syncing;
    }
    var asked = Date.now();
    syncing = fetch(document.body.dataset.health, { method: "GET", cache: "no-store", credentials: "omit" })
      .then(function (answer) {
        var exact = answer.headers.get("X-Server-Now");
        var said = Date.parse(exact || answer.headers.get("Date") || "");
        var answered = Date.now();
        if (!isNaN(said)) {
          setOffset(said + (exact ? 0 : 500), (asked + answered) / 2);
        }
      })
      .catch(function () {
        // Offline: the last difference still holds as long as nobody sets the clock.
      })
      .then(function () { syncing = null; });
    return syncing;
  }

  // True when the wall clock moved otherwise than the steady one: a sleep, or somebody set the clock.
  function jumped() {
    var wall = Date.now();
    var steady = performance.now();
    var apart = Math.abs((wall - lastWall) - (steady - lastSteady));
    lastWall = wall;
    lastSteady = steady;
    return apart > JUMP;
  }

  // The server's instant, in ms. After a jump the wall clock is right at once if the machine slept, and
  // the server's answer a moment later puts right a clock that was set.
  function now() {
    if (jumped()) {
      resync();
    }
    return Date.now() + offset;
  }

  var said = Date.parse(document.body.dataset.serverNow || "");
  if (!isNaN(said)) {
    setOffset(said, arrival());
  }
  window.addEventListener("pageshow", function (event) {
    var entry = performance.getEntriesByType && performance.getEntriesByType("navigation")[0];
    if (event.persisted || isNaN(said) || (entry && entry.type === "back_forward")) {
      resync(); // the page came out of a cache: what it says about now is old
    }
  });
  document.addEventListener("visibilitychange", function () {
    if (!document.hidden) {
      listeners.forEach(function (listener) { listener(); });
      resync();
    }
  });
  window.addEventListener("online", resync);

  return {
    now: now,
    resync: resync,
    onChange: function (listener) { listeners.push(listener); }
  };
})();
