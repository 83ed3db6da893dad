// The report: category by search or recent use, a title filled in, a draft of the words kept, and progress while sending.
(function (gezhi) {
  "use strict";

  function folded(text) {
    return (text || "").toLowerCase();
  }

  gezhi.each("[data-category]", function (root) {
    var select = document.getElementById("id_category");
    var search = root.querySelector("[data-category-search]");
    var list = root.querySelector("[data-category-found]");
    var all = JSON.parse(document.getElementById("catalogue").textContent);

    function take(code) {
      select.value = code;
      list.hidden = true;
      search.value = "";
      select.dispatchEvent(new Event("change", { bubbles: true }));
    }
    function row(one) {
      var item = document.createElement("li");
      var button = document.createElement("button");
      var group = document.createElement("small");
      button.type = "button";
      button.textContent = one.name + " ";
      group.textContent = one.group;
      button.appendChild(group);
      button.addEventListener("click", function () { take(one.code); select.focus(); });
      item.appendChild(button);
      return item;
    }
    function show() {
      var words = folded(search.value).trim();
      list.textContent = "";
      list.hidden = !words;
      if (!words) {
        return;
      }
      var found = all.filter(function (one) {
        return folded(one.name + one.group + one.code).indexOf(words) >= 0;
      });
      found.slice(0, 30).forEach(function (one) { list.appendChild(row(one)); });
      if (!found.length) {
        var none = document.createElement("li");
        none.textContent = root.dataset.none;
        list.appendChild(none);
      }
    }
    search.addEventListener("input", show);
    search.addEventListener("keydown", function (event) {
      if (event.key === "Enter") {
        event.preventDefault();
        var first = list.querySelector("button");
        if (first && !list.hidden) {
          first.click();
        }
      }
    });
    root.addEventListener("click", function (event) {
      var button = event.target.closest("[data-take]");
      if (button) {
        take(button.dataset.take);
      }
    });
  });

  gezhi.each("[data-report]", function (form) {
    var title = form.querySelector("[name=title]");
    var select = form.querySelector("[name=category]");
    var place = "";
    var own = "";

    function suggest() {
      var option = select.options[select.selectedIndex];
      if (!select.value || (title.value && title.value !== own)) {
        return;
      }
      own = (place ? place + " " : "") + option.textContent.trim();
      own = own.slice(0, 60);
      title.value = own;
    }
    select.addEventListener("change", suggest);
    document.addEventListener("gezhi:place", function (event) {
      var path = (event.detail && (event.detail.path || event.detail.name)) || "";
      place = path.split("›").slice(-2).join("").replace(/\s/g, "");
      suggest();
    });

    var settled = form.querySelector("[data-settled]");
    if (settled) {
      var fields = form.querySelector("[data-settled-fields]");
      var toggle = function () { fields.hidden = !settled.checked; };
      settled.addEventListener("change", toggle);
      toggle();
    }

    var bar = form.querySelector("[data-progress]");
    form.addEventListener("htmx:xhr:progress", function (event) {
      if (event.detail.lengthComputable && event.detail.total) {
        bar.hidden = false;
        bar.value = Math.round((100 * event.detail.loaded) / event.detail.total);
      }
    });
    form.addEventListener("htmx:afterRequest", function () { bar.hidden = true; });
    form.addEventListener("htmx:beforeSwap", function (event) {
      if (event.detail.xhr.status === 422) {
        event.detail.shouldSwap = true;
        event.detail.isError = false;
      }
    });

    if (form.dataset.draft) {
      keep(form);
    }
  });

  // Words only: photos are too large for the browser's drawer.
  function keep(form) {
    var names = ["title", "description", "address"];
    var note = form.querySelector("[data-draft-note]");
    var key = form.dataset.draft;
    function store() {
      var kept = {};
      names.forEach(function (name) { kept[name] = form.elements[name].value; });
      try {
        window.localStorage.setItem(key, JSON.stringify(kept));
      } catch (e) {
        return;
      }
    }
    function drop() {
      try {
        window.localStorage.removeItem(key);
      } catch (e) {
        return;
      }
    }
    var saved = null;
    try {
      saved = JSON.parse(window.localStorage.getItem(key) || "null");
    } catch (e) {
      saved = null;
    }
    if (saved && (saved.description || saved.address)) {
      names.forEach(function (name) { form.elements[name].value = form.elements[name].value || saved[name] || ""; });
      note.hidden = false;
      note.querySelector("[data-draft-words]").textContent = form.dataset.restored;
      note.querySelector("[data-draft-drop]").addEventListener("click", function () {
        names.forEach(function (name) { form.elements[name].value = ""; });
        note.hidden = true;
        drop();
      });
    }
    names.forEach(function (name) { form.elements[name].addEventListener("input", store); });
  }

  gezhi.each("[data-report-sent]", function (root) {
    try {
      window.localStorage.removeItem(root.dataset.reportSent);
    } catch (e) {
      return;
    }
  });

  gezhi.each("[data-print]", function (button) {
    button.addEventListener("click", function () {
      var token = JSON.parse(document.body.getAttribute("hx-headers") || "{}");
      fetch(button.dataset.print, { method: "POST", credentials: "same-origin", headers: token });
      window.print();
    });
  });
})(window.gezhi);
