// A case's page that stands open: it brings itself up to date without taking the focus or a half-filled form.
(function (gezhi) {
  "use strict";

  function panel() {
    return document.getElementById("case-panel");
  }
  function openForm() {
    var slot = document.getElementById("action-form");
    return slot && slot.querySelector("[data-form]");
  }

  // A page nobody looks at asks nothing; it asks once when it is looked at again.
  document.addEventListener("htmx:beforeRequest", function (event) {
    if (event.detail.elt.hasAttribute("data-poll") && document.hidden) {
      event.preventDefault();
    }
  });
  document.addEventListener("visibilitychange", function () {
    var poll = document.getElementById("case-poll");
    if (!document.hidden && poll && window.htmx) {
      window.htmx.trigger(poll, "gezhi:refresh");
    }
  });

  document.addEventListener("htmx:beforeSwap", function (event) {
    var xhr = event.detail.xhr;
    if (xhr.status === 304) {
      event.detail.shouldSwap = false;
    }
    // Somebody was quicker: the answer says who did what and keeps what was typed; it takes the form's place.
    if (xhr.status === 409 && xhr.responseText.indexOf("data-quicker") >= 0) {
      var form = event.detail.requestConfig.elt.closest("[data-form]");
      event.detail.shouldSwap = true;
      event.detail.isError = false;
      event.detail.target = form;
      event.detail.swapOverride = "outerHTML";
    }
  });

  // --- What one holds stays: an open form, an unfolded list, the place of the focus.
  var held = null;
  document.addEventListener("htmx:oobBeforeSwap", function (event) {
    var old = event.detail.target;
    if (old === panel() && openForm()) {
      old.querySelector("[data-moved-on]").hidden = false;
      event.detail.shouldSwap = false;
      return;
    }
    var active = document.activeElement;
    var inside = active && active !== document.body && old.contains(active);
    var opened = Array.from(old.querySelectorAll("details[id][open]")).map(function (one) { return one.id; });
    var typing = inside && active.matches("input, textarea, select");
    if (typing) {
      event.detail.shouldSwap = false; // it comes again with the next news
      return;
    }
    if (inside || opened.length) {
      held = { id: old.id, href: inside && active.getAttribute("href"), inside: inside, opened: opened, before: held };
    }
  });
  // At once, before the browser lays the page out: a page that was shorter for a moment would have scrolled.
  document.addEventListener("htmx:oobAfterSwap", function () {
    for (var one = held; one; one = one.before) {
      unfold(one);
    }
  });
  document.addEventListener("htmx:afterSettle", function () {
    for (var one = held; one; one = one.before) {
      refocus(one);
    }
    held = null;
  });
  function unfold(one) {
    one.opened.forEach(function (id) {
      var details = document.getElementById(id);
      if (details) {
        details.open = true;
      }
    });
  }
  function refocus(one) {
    var fresh = document.getElementById(one.id);
    if (fresh && one.inside && document.activeElement === document.body) {
      var same = one.href && fresh.querySelector('a[href="' + one.href.replace(/["\\]/g, "\\$&") + '"]');
      if (same) {
        same.focus({ preventScroll: true });
      } else {
        fresh.setAttribute("tabindex", "-1");
        fresh.focus({ preventScroll: true });
      }
    }
  }

  // --- 先不办: with the form goes the remark about it (base.js closes the form).
  document.addEventListener("click", function (event) {
    var link = event.target.closest("#case-panel [data-close-form]");
    if (link) {
      panel().querySelector("[data-moved-on]").hidden = true;
    }
  });

  // --- The tasks of a split: as many rows as are wanted.
  gezhi.each("[data-task-rows]", function (root) {
    var add = root.querySelector("[data-add-task]");
    add.addEventListener("click", function () {
      var rows = root.querySelectorAll("[data-task-row]");
      if (rows.length >= Number(root.dataset.most)) {
        return;
      }
      var fresh = rows[rows.length - 1].cloneNode(true);
      fresh.querySelectorAll("input, select").forEach(function (control) {
        control.value = "";
        control.id = control.id.replace(/\d+$/, String(rows.length));
        control.setAttribute("aria-label", gezhi.fill(control.dataset.say, { n: rows.length + 1 }));
      });
      rows[rows.length - 1].after(fresh);
      add.disabled = rows.length + 1 >= Number(root.dataset.most);
      fresh.querySelector("select").focus();
    });
  });
})(window.gezhi);
