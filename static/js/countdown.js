// Counts every running deadline down from the server's clock: words, colour, icon; and says aloud when one turns.
(function (gezhi) {
  "use strict";
  var DAY = 86400;
  var HOUR = 3600;
  var MINUTE = 60;
  var ICONS = { ok: "clock", soon: "hourglass", over: "alert" };
  var timer = null;

  // The same two largest units as cases/words.py, cut off and never rounded.
  function span(seconds) {
    var words = gezhi.words();
    seconds = Math.floor(Math.abs(seconds));
    if (seconds < MINUTE) {
      return gezhi.fill(words.second, { n: seconds });
    }
    var units = [[DAY, words.day], [HOUR, words.hour], [MINUTE, words.minute]];
    var first = 0;
    while (seconds < units[first][0]) {
      first += 1;
    }
    var parts = [];
    units.slice(first, first + 2).forEach(function (unit) {
      var count = Math.floor(seconds / unit[0]);
      seconds -= count * unit[0];
      if (count) {
        parts.push(gezhi.fill(unit[1], { n: count }));
      }
    });
    return parts.length === 2 ? gezhi.fill(words.join, { larger: parts[0], smaller: parts[1] }) : parts[0];
  }

  function lookAt(chip, now) {
    var due = Date.parse(chip.dataset.due);
    if (now >= due) {
      return "over";
    }
    return now >= Date.parse(chip.dataset.soon) ? "soon" : "ok";
  }

  function turn(chip, look) {
    var words = gezhi.words();
    chip.dataset.look = look;
    var use = chip.querySelector("use");
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, "#" + ICONS[look]));
    var pattern = look === "over" ? words.turnedOver : words.turnedSoon;
    gezhi.announce(gezhi.fill(pattern, { duty: chip.dataset.duty || words.aMatter }));
  }

  function show(chip, now) {
    var look = lookAt(chip, now);
    if (look !== chip.dataset.look) {
      turn(chip, look);
    }
    var pattern = { ok: "left", soon: "soon", over: "over" }[look];
    var text = gezhi.fill(gezhi.words()[pattern], { span: span((Date.parse(chip.dataset.due) - now) / 1000) });
    var place = chip.querySelector("[data-words]");
    if (place.textContent !== text) {
      place.textContent = text;
    }
    return Math.abs(Date.parse(chip.dataset.due) - now);
  }

  // A second when something changes by seconds, else every fifteen: an old phone's battery.
  function tick() {
    clearTimeout(timer);
    var now = gezhi.clock.now();
    var nearest = Infinity;
    document.querySelectorAll("[data-due]").forEach(function (chip) {
      nearest = Math.min(nearest, show(chip, now));
    });
    if (nearest < Infinity && !document.hidden) {
      timer = setTimeout(tick, nearest < 90000 ? 1000 : 15000);
    }
  }

  // Many chips come at once: one look at all of them.
  function soon() {
    clearTimeout(timer);
    timer = setTimeout(tick, 0);
  }

  gezhi.each("[data-due]", soon);
  gezhi.clock.onChange(tick);
  window.addEventListener("focus", tick);
  window.addEventListener("pageshow", tick);
})(window.gezhi);
