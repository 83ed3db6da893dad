// The place picker: a combobox over /places/search/. See templates/components/place_picker.html.
// It tells others of a choice with the event "gezhi:place" (detail: code, name, path) and takes one by "gezhi:set-place".
(function (gezhi) {
  "use strict";
  var WAIT = 180; // ms after the last key

  function steps(place) {
    return String(place.path || place.name).split("›");
  }

  function picker(root) {
    var code = root.querySelector("[data-code]");
    var words = root.dataset;
    var own = JSON.parse(words.own || "[]");
    var timer = null;
    var asked = 0;

    function tell() {
      code.dispatchEvent(new Event("change", { bubbles: true }));
    }
    function choose(place) {
      var chosen = { code: place.code, name: place.name, path: place.path || place.name };
      clearTimeout(timer);
      asked += 1;
      code.value = place.code;
      box.settle(chosen.path);
      tell();
      root.dispatchEvent(new CustomEvent("gezhi:place", { bubbles: true, detail: chosen }));
    }
    function matchesOwn(query) {
      return own.filter(function (place) {
        return [place.code, place.name, place.path, place.initials].some(function (text) {
          return String(text || "").toLowerCase().indexOf(query.toLowerCase()) >= 0;
        });
      });
    }
    function showOwn() {
      box.offer(own, words.ownLabel);
    }

    function search(query) {
      var mine = (asked += 1);
      var address = new URL(words.search, window.location.href);
      address.searchParams.set("q", query);
      (words.levels || "").split(",").filter(Boolean).forEach(function (level) {
        address.searchParams.append("level", level);
      });
      box.say(words.searching);
      fetch(address.href, { credentials: "same-origin", headers: { Accept: "application/json" } })
        .then(function (answer) {
          if (!answer.ok) {
            throw new Error(String(answer.status));
          }
          return answer.json();
        })
        .then(function (answer) {
          if (mine !== asked) {
            return; // a newer question is under way
          }
          var first = matchesOwn(query);
          var known = first.map(function (place) { return place.code; });
          var places = first.concat(
            (answer.results || answer).filter(function (place) { return known.indexOf(place.code) < 0; })
          );
          box.offer(places);
          box.say(places.length ? gezhi.fill(words.found, { n: places.length }) : words.nothing);
        })
        .catch(function () {
          if (mine === asked) {
            box.offer(matchesOwn(query));
            box.say(words.failed);
          }
        });
    }

    // The field itself becomes hidden; the box for words takes its place.
    code.type = "hidden";
    var box = gezhi.combobox(root, code, {
      pick: words.pick,
      name: function (place) { return steps(place).pop().trim(); },
      note: function (place) { return steps(place).slice(0, -1).join("›").trim(); },
      chosen: choose,
      opened: showOwn,
      dropped: function () {
        code.value = "";
        tell();
      },
      asked: function (query) {
        clearTimeout(timer);
        if (query) {
          timer = setTimeout(function () { search(query); }, WAIT);
        } else {
          asked += 1;
          box.say("");
          showOwn();
        }
      }
    });
    if (code.value) {
      box.settle(words.label || code.value);
    }
    root.addEventListener("gezhi:set-place", function (event) {
      choose(event.detail);
    });
  }

  gezhi.each("[data-place-picker]", picker);
})(window.gezhi);
