// The report: my grids in one tap, a title filled in, a draft of the words kept, and how far the sending is.
(function (gezhi) {
  "use strict";

  // The browser's drawer may be closed: then nothing is kept, and nothing else fails.
  var drawer = {
    get: function (key) {
      try {
        return JSON.parse(window.localStorage.getItem(key) || "null");
      } catch (e) {
        return null;
      }
    },
    set: function (key, value) {
      try {
        window.localStorage.setItem(key, JSON.stringify(value));
      } catch (e) {
        return;
      }
    },
    drop: function (key) {
      try {
        window.localStorage.removeItem(key);
      } catch (e) {
        return;
      }
    }
  };

  // The last two steps of a path: 东路社区01网格.
  function inShort(path) {
    return (path || "").split("›").slice(-2).join("").replace(/\s/g, "");
  }

  // A title made of the place and the category, until somebody writes their own.
  function suggestTitle(form) {
    var title = form.elements.title;
    var select = form.elements.category;
    var picker = form.querySelector("[data-place-picker]");
    var place = inShort(picker.dataset.label);
    var own = "";

    function suggest() {
      var option = select.options[select.selectedIndex];
      if (!select.value || (title.value && title.value !== own)) {
        return;
      }
      own = ((place ? place + " " : "") + option.textContent.trim()).slice(0, 60);
      title.value = own;
    }
    select.addEventListener("change", suggest);
    form.addEventListener("gezhi:place", function (event) {
      place = inShort(event.detail.path);
      suggest();
    });
  }

  function ownGrids(form) {
    var buttons = form.querySelectorAll("[data-place-code]");
    var picker = form.querySelector("[data-place-picker]");
    var code = picker.querySelector("[data-code]");

    function show() {
      buttons.forEach(function (button) {
        button.setAttribute("aria-pressed", String(button.dataset.placeCode === code.value));
      });
    }
    buttons.forEach(function (button) {
      button.addEventListener("click", function () {
        var data = button.dataset;
        var detail = { code: data.placeCode, name: data.placeName, path: data.placePath };
        picker.dispatchEvent(new CustomEvent("gezhi:set-place", { detail: detail }));
      });
    });
    code.addEventListener("change", show);
    show();
  }

  function settledFields(form) {
    var settled = form.querySelector("[data-settled]");
    var fields = form.querySelector("[data-settled-fields]");
    function toggle() {
      fields.hidden = !settled.checked;
    }
    settled.addEventListener("change", toggle);
    toggle();
  }

  function progress(form) {
    var box = form.querySelector("[data-sending]");
    var said = box.querySelector("[data-sending-words]");
    var bar = box.querySelector("[data-progress]");
    var begin = said.textContent;

    form.addEventListener("htmx:beforeRequest", function (event) {
      if (event.target === form) {
        said.textContent = begin;
        bar.value = 0;
        box.hidden = false;
      }
    });
    form.addEventListener("htmx:xhr:progress", function (event) {
      if (event.target !== form || !event.detail.lengthComputable || !event.detail.total) {
        return;
      }
      var percent = Math.min(100, Math.round((100 * event.detail.loaded) / event.detail.total));
      bar.value = percent;
      said.textContent = percent < 100 ? gezhi.fill(box.dataset.share, { percent: percent }) : box.dataset.waiting;
    });
    form.addEventListener("htmx:afterRequest", function (event) {
      if (event.target === form) {
        box.hidden = true;
      }
    });
    // What is wrong comes back with 422, and is shown above the form.
    form.addEventListener("htmx:beforeSwap", function (event) {
      if (event.detail.xhr.status === 422) {
        event.detail.shouldSwap = true;
        event.detail.isError = false;
      }
    });
  }

  // Words only: photos are too large for the browser's drawer.
  function keepDraft(form) {
    var names = ["title", "description", "address"];
    var note = form.querySelector("[data-draft-note]");
    var key = form.dataset.draft;
    var saved = drawer.get(key);

    if (saved && (saved.description || saved.address)) {
      names.forEach(function (name) {
        form.elements[name].value = form.elements[name].value || saved[name] || "";
      });
      note.hidden = false;
    }
    note.querySelector("[data-draft-drop]").addEventListener("click", function () {
      names.forEach(function (name) { form.elements[name].value = ""; });
      note.hidden = true;
      drawer.drop(key);
    });
    names.forEach(function (name) {
      form.elements[name].addEventListener("input", function () {
        var kept = {};
        names.forEach(function (each) { kept[each] = form.elements[each].value; });
        drawer.set(key, kept);
      });
    });
  }

  gezhi.each("[data-report]", function (form) {
    suggestTitle(form);
    ownGrids(form);
    progress(form);
    if (form.querySelector("[data-settled]")) {
      settledFields(form);
    }
    if (form.dataset.draft) {
      keepDraft(form);
    }
    if (form.dataset.begin) {
      document.getElementById(form.dataset.begin).focus();
    }
  });

  gezhi.each("[data-report-sent]", function (root) {
    drawer.drop(root.dataset.reportSent);
  });

  gezhi.each("[data-print]", function (button) {
    button.addEventListener("click", function () {
      var token = JSON.parse(document.body.getAttribute("hx-headers") || "{}");
      fetch(button.dataset.printed, { method: "POST", credentials: "same-origin", headers: token });
      window.print();
    });
    if ("beginHere" in button.dataset) {
      button.focus();
    }
  });
})(window.gezhi);
