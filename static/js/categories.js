// The choice of a small category: recent ones in one tap, the others by name in both languages, code or pinyin initials.
// The plain list stays the form's control, out of sight. See templates/incidents/_report_category.html.
(function (gezhi) {
  "use strict";
  var MOST = 40;

  function matches(one, query) {
    return [one.name, one.group, one.code, one.words, one.initials].some(function (text) {
      return String(text || "").toLowerCase().indexOf(query) >= 0;
    });
  }

  // What begins with the words stands before what only holds them.
  function weight(one, query) {
    return one.initials.indexOf(query) === 0 || one.name.toLowerCase().indexOf(query) === 0 ? 0 : 1;
  }

  function found(all, words) {
    var query = words.toLowerCase();
    var rows = all.filter(function (one) { return matches(one, query); });
    rows.sort(function (a, b) { return weight(a, query) - weight(b, query) || all.indexOf(a) - all.indexOf(b); });
    return rows.slice(0, MOST);
  }

  gezhi.each("[data-category]", function (root) {
    var words = root.dataset;
    var select = root.querySelector("select[name=category]");
    var all = JSON.parse(document.getElementById("catalogue").textContent);
    var place = gezhi.element("div", "gz-place");
    place.dataset.placeholder = words.placeholder;
    place.dataset.listLabel = words.listLabel;
    select.parentNode.insertBefore(place, select);
    place.appendChild(select);
    select.hidden = true;

    function take(code) {
      select.value = code;
      select.dispatchEvent(new Event("change", { bubbles: true }));
    }
    function show() {
      var one = all.filter(function (entry) { return entry.code === select.value; })[0];
      root.querySelectorAll("[data-take]").forEach(function (button) {
        button.setAttribute("aria-pressed", String(button.dataset.take === select.value));
      });
      if (one) {
        box.settle(one.name);
      }
    }
    var box = gezhi.combobox(place, select, {
      pick: words.pick,
      name: function (one) { return one.name; },
      note: function (one) { return one.group + " " + one.code; },
      chosen: function (one) { take(one.code); },
      opened: function () { box.offer(all); },
      dropped: function () { take(""); },
      asked: function (query) {
        var rows = query ? found(all, query) : all;
        box.offer(rows);
        box.say(!query ? "" : rows.length ? gezhi.fill(words.found, { n: rows.length }) : words.none);
      }
    });
    select.addEventListener("change", show);
    root.addEventListener("click", function (event) {
      var button = event.target.closest("[data-take]");
      if (button) {
        take(button.dataset.take);
      }
    });
    show();
  });
})(window.gezhi);
