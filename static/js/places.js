// The place picker: a combobox over /places/search/. See templates/components/place_picker.html.
// It tells others of a choice with the event "gezhi:place" (detail: code, name, path) and takes one by "gezhi:set-place".
(function (gezhi) {
  "use strict";
  var WAIT = 180; // ms after the last key

  function picker(root) {
    var code = root.querySelector("[data-code]");
    var words = root.dataset;
    var own = JSON.parse(words.own || "[]");
    var input = code.cloneNode();
    var list = gezhi.element("ul", "gz-place-list");
    var status = gezhi.element("p", "gz-place-status");
    var options = [];
    var active = -1;
    var chosen = code.value ? { code: code.value, path: words.label || code.value } : null;
    var timer = null;
    var asked = 0;

    // The field itself becomes the box for words; the code moves into a hidden one beside it.
    input.removeAttribute("name");
    input.removeAttribute("data-code");
    input.removeAttribute("pattern");
    input.value = chosen ? chosen.path : "";
    input.type = "text";
    input.autocomplete = "off";
    input.placeholder = words.placeholder || "";
    input.setAttribute("inputmode", "text");
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", input.id + "-list");
    code.type = "hidden";
    code.id = input.id + "-code";
    code.removeAttribute("required");
    list.id = input.id + "-list";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", words.listLabel || "");
    status.setAttribute("role", "status");
    root.insertBefore(input, code);
    root.appendChild(list);
    root.appendChild(status);

    function open() {
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
    }
    function close() {
      list.hidden = true;
      active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }
    function move(to) {
      options.forEach(function (option, i) {
        option.element.setAttribute("aria-selected", String(i === to));
      });
      active = to;
      if (to >= 0) {
        input.setAttribute("aria-activedescendant", options[to].element.id);
        options[to].element.scrollIntoView({ block: "nearest" });
      }
    }
    function say(sentence) {
      status.textContent = sentence || "";
    }

    function heading(text) {
      var item = gezhi.element("li", "gz-place-heading", text);
      item.setAttribute("role", "presentation");
      list.appendChild(item);
    }
    function add(place) {
      var item = gezhi.element("li", "gz-place-option");
      var path = String(place.path || place.name).split("›");
      var name = path.pop().trim();
      item.id = list.id + "-" + options.length;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      item.appendChild(gezhi.element("span", "gz-place-name", name));
      if (path.length) {
        item.appendChild(gezhi.element("span", "gz-place-path", path.join("›").trim()));
      }
      item.addEventListener("mousedown", function (event) { event.preventDefault(); });
      item.addEventListener("click", function () { choose(place); });
      options.push({ place: place, element: item });
      list.appendChild(item);
    }
    function fillList(places, title) {
      list.textContent = "";
      options = [];
      if (title && places.length) {
        heading(title);
      }
      places.forEach(add);
      move(-1);
      if (places.length) {
        open();
      } else {
        close();
      }
    }

    function choose(place) {
      chosen = { code: place.code, name: place.name, path: place.path || place.name };
      code.value = place.code;
      input.value = chosen.path;
      input.setCustomValidity("");
      clearTimeout(timer);
      asked += 1;
      close();
      say("");
      root.classList.add("is-chosen");
      code.dispatchEvent(new Event("change", { bubbles: true }));
      root.dispatchEvent(new CustomEvent("gezhi:place", { bubbles: true, detail: chosen }));
    }
    function unchoose() {
      if (code.value) {
        code.value = "";
        code.dispatchEvent(new Event("change", { bubbles: true }));
      }
      chosen = null;
      root.classList.remove("is-chosen");
    }

    function matchesOwn(query) {
      return own.filter(function (place) {
        return [place.code, place.name, place.path, place.initials].some(function (text) {
          return String(text || "").toLowerCase().indexOf(query.toLowerCase()) >= 0;
        });
      });
    }
    function showOwn() {
      fillList(own, words.ownLabel);
    }

    function search(query) {
      var mine = (asked += 1);
      var address = new URL(words.search, window.location.href);
      address.searchParams.set("q", query);
      (words.levels || "").split(",").filter(Boolean).forEach(function (level) {
        address.searchParams.append("level", level);
      });
      say(words.searching);
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
          var places = answer.results || answer;
          var first = matchesOwn(query);
          var known = first.map(function (place) { return place.code; });
          places = first.concat(places.filter(function (place) { return known.indexOf(place.code) < 0; }));
          fillList(places);
          say(places.length ? gezhi.fill(words.found, { n: places.length }) : words.nothing);
        })
        .catch(function () {
          if (mine === asked) {
            fillList(matchesOwn(query));
            say(words.failed);
          }
        });
    }

    input.addEventListener("input", function () {
      var query = input.value.trim();
      unchoose();
      clearTimeout(timer);
      if (!query) {
        asked += 1;
        say("");
        showOwn();
        return;
      }
      timer = setTimeout(function () { search(query); }, WAIT);
    });
    input.addEventListener("focus", function () {
      input.select();
    });
    input.addEventListener("click", function () {
      if (list.hidden && (!input.value || chosen)) {
        showOwn();
      }
    });
    input.addEventListener("blur", function () {
      close();
      if (input.value.trim() && !chosen) {
        say(words.pick);
      }
    });
    input.addEventListener("keydown", function (event) {
      var last = options.length - 1;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) {
          if (options.length && input.value && !chosen) {
            open();
          } else {
            showOwn();
          }
          last = options.length - 1;
        }
        var down = event.key === "ArrowDown";
        move(down ? (active >= last ? 0 : active + 1) : (active <= 0 ? last : active - 1));
      } else if (event.key === "Enter" && !list.hidden && options.length) {
        event.preventDefault();
        choose(options[Math.max(active, 0)].place);
      } else if (event.key === "Tab" && !list.hidden && active >= 0) {
        choose(options[active].place);
      } else if (event.key === "Escape" && !list.hidden) {
        event.stopPropagation();
        close();
      }
    });
    root.addEventListener("gezhi:set-place", function (event) {
      choose(event.detail);
    });
    if (chosen) {
      root.classList.add("is-chosen");
    }
  }

  gezhi.each("[data-place-picker]", picker);
})(window.gezhi);
