// The frame: menus, toasts, the way back, double presses, focus after a swap. Everything works without it, less well.
window.gezhi = (function () {
  "use strict";
  var ready = [];
  var started = false;

  function words() {
    return document.getElementById("gz-words").dataset;
  }

  // Puts values into a translated pattern: fill("还剩 {span}", {span: "5分"}).
  function fill(pattern, values) {
    return String(pattern || "").replace(/\{(\w+)\}/g, function (whole, name) {
      return name in values ? values[name] : whole;
    });
  }

  // Says a sentence to a screen reader. Emptied first, so that the same sentence is said again.
  function announce(sentence) {
    var region = document.getElementById("announce");
    region.textContent = "";
    setTimeout(function () {
      region.textContent = sentence;
    }, 50);
  }

  function start(root, entry) {
    var found = Array.from(root.querySelectorAll(entry.selector));
    if (root.matches && root.matches(entry.selector)) {
      found.unshift(root);
    }
    found.forEach(function (element) {
      if (!entry.seen.has(element)) {
        entry.seen.add(element);
        entry.run(element);
      }
    });
  }

  // Runs once for every element that matches, now and whenever htmx brings new ones.
  function each(selector, run) {
    var entry = { selector: selector, run: run, seen: new WeakSet() };
    ready.push(entry);
    if (started) {
      start(document, entry);
    }
  }

  function startAll(root) {
    ready.forEach(function (entry) {
      start(root, entry);
    });
  }

  document.addEventListener("DOMContentLoaded", function () {
    started = true;
    startAll(document);
  });
  document.addEventListener("htmx:load", function (event) {
    startAll(event.detail.elt);
  });

  // An icon of the sprite, for pieces that scripts make.
  function icon(name, css) {
    var space = "http://www.w3.org/2000/svg";
    var svg = document.createElementNS(space, "svg");
    svg.setAttribute("class", "gz-icon" + (css ? " " + css : ""));
    svg.setAttribute("aria-hidden", "true");
    svg.setAttribute("width", "20");
    svg.setAttribute("height", "20");
    var use = document.createElementNS(space, "use");
    use.setAttribute("href", words().icons + "#" + name);
    svg.appendChild(use);
    return svg;
  }

  function element(tag, css, text) {
    var made = document.createElement(tag);
    if (css) {
      made.className = css;
    }
    if (text) {
      made.textContent = text;
    }
    return made;
  }

  var loads = {};
  // Loads a script or a style sheet of our own once; a promise.
  function load(address) {
    if (!loads[address]) {
      loads[address] = new Promise(function (resolve, reject) {
        var sheet = /\.css(\?|$)/.test(address);
        var tag = document.createElement(sheet ? "link" : "script");
        tag.onload = resolve;
        tag.onerror = function () {
          delete loads[address];
          reject(new Error(address));
        };
        if (sheet) {
          tag.rel = "stylesheet";
          tag.href = address;
          // Before our own sheets, which overrule it.
          document.head.insertBefore(tag, document.head.querySelector("link[rel=stylesheet]"));
        } else {
          tag.src = address;
          document.head.appendChild(tag);
        }
      });
    }
    return loads[address];
  }

  return { announce: announce, each: each, element: element, fill: fill, icon: icon, load: load, words: words };
})();

(function (gezhi) {
  "use strict";

  // --- Menus: <details> that close on Escape, on a press elsewhere and when focus leaves.
  document.addEventListener("click", function (event) {
    document.querySelectorAll("details[data-menu][open]").forEach(function (menu) {
      if (!menu.contains(event.target)) {
        menu.open = false;
      }
    });
  });
  document.addEventListener("keydown", function (event) {
    var menu = event.key === "Escape" && document.querySelector("details[data-menu][open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  document.addEventListener("focusout", function (event) {
    var menu = event.target.closest && event.target.closest("details[data-menu][open]");
    if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) {
      menu.open = false;
    }
  });

  // --- An address that names a folded part opens it.
  function unfold() {
    var part = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (part && part.matches("details:not([open])")) {
      part.open = true;
      part.scrollIntoView();
    }
  }
  window.addEventListener("hashchange", unfold);
  unfold();

  // --- Light, dark, or as the system says.
  function showTheme(group) {
    var chosen = window.gezhiTheme.choice();
    group.querySelectorAll("[data-theme-choice]").forEach(function (button) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === chosen));
    });
  }
  gezhi.each("[data-themes]", function (group) {
    showTheme(group);
    group.addEventListener("click", function (event) {
      var button = event.target.closest("[data-theme-choice]");
      if (button) {
        window.gezhiTheme.choose(button.dataset.themeChoice);
        document.querySelectorAll("[data-themes]").forEach(showTheme);
      }
    });
  });

  // --- Closing a toast or a note; good news goes by itself, unless somebody is reading it.
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-dismiss]");
    if (button) {
      var box = button.closest("[data-toast], .gz-failure, .gz-note");
      if (box.matches("[data-toast]")) {
        box.remove();
      } else {
        box.hidden = true;
      }
    }
  });
  gezhi.each("[data-toast]", function (toast) {
    if (!toast.matches(".gz-toast-success, .gz-toast-info")) {
      return;
    }
    (function leave() {
      setTimeout(function () {
        if (toast.matches(":hover") || toast.contains(document.activeElement)) {
          leave();
        } else {
          toast.remove();
        }
      }, 12000);
    })();
  });

  // --- A plain form is sent once, however often the button is pressed.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) {
      return;
    }
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    form.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) {
      delete form.dataset.sent;
      form.removeAttribute("aria-busy");
    });
  });

  // --- The way back keeps filters and scroll: a list marked data-remember leaves its address behind. A page that
  // many lists lead to (a case) goes back to the latest of them: data-back="latest".
  function memory(path) {
    return "gezhi-list:" + path;
  }
  function recall(key) {
    try {
      return JSON.parse(sessionStorage.getItem(key) || "null");
    } catch (e) {
      return null;
    }
  }
  function keep(key, value) {
    try {
      sessionStorage.setItem(key, JSON.stringify(value));
    } catch (e) {
      // Without storage the way back leads to the plain list.
    }
  }
  window.addEventListener("pagehide", function () {
    if (document.querySelector("[data-remember]")) {
      var here = { url: location.pathname + location.search, y: window.scrollY };
      keep(memory(location.pathname), here);
      keep(memory("latest"), here);
    }
  });
  gezhi.each("a[data-back]", function (link) {
    var left = recall(memory(link.dataset.back || link.pathname));
    if (left) {
      link.href = left.url;
    }
    link.addEventListener("click", function () {
      if (left) {
        keep("gezhi-return", left);
      }
    });
  });
  gezhi.each("[data-remember]", function () {
    var back = recall("gezhi-return");
    if (back && back.url === location.pathname + location.search) {
      sessionStorage.removeItem("gezhi-return");
      window.scrollTo({ top: back.y, behavior: "instant" }); // no gliding there: a touch would stop it half way
    }
  });

  // --- What was unfolded stays so when a part takes its own place: <details id="...">.
  var unfolded = [];
  document.addEventListener("htmx:beforeSwap", function (event) {
    unfolded = Array.from(event.detail.target.querySelectorAll("details[id][open]")).map(function (one) {
      return one.id;
    });
  });
  document.addEventListener("htmx:afterSwap", function () {
    unfolded.forEach(function (id) {
      var same = document.getElementById(id);
      if (same) {
        same.open = true;
      }
    });
    unfolded = [];
  });

  // --- Focus: never lost by a swap, and on what is wrong after a refusal.
  var held = null;
  document.addEventListener("htmx:beforeSwap", function (event) {
    var active = document.activeElement;
    var inside = active && active !== document.body && event.detail.target.contains(active);
    held = inside ? { id: active.id, href: active.getAttribute("href") } : null;
  });
  function focusOn(target) {
    if (!target.matches("a[href], button, input, select, textarea, summary, [tabindex]")) {
      target.setAttribute("tabindex", "-1");
    }
    target.focus({ preventScroll: target.matches("[data-focus-quiet]") });
  }
  function within(root, selector) {
    return root.matches(selector) ? root : root.querySelector(selector);
  }
  document.addEventListener("htmx:afterSettle", function (event) {
    var root = event.detail.elt;
    var wanted = within(root, "[data-errors]") || within(root, "[data-focus]");
    var said = within(root, "[data-announce]");
    if (said) {
      gezhi.announce(said.dataset.announce);
    }
    if (wanted && !wanted.contains(document.activeElement)) {
      focusOn(wanted);
    } else if (held && document.activeElement === document.body) {
      var same = held.id && document.getElementById(held.id);
      var link = !same && held.href && Array.from(root.querySelectorAll("a[href]")).find(function (one) {
        return one.getAttribute("href") === held.href;
      });
      focusOn(same || link || root);
    }
    held = null;
  });
  gezhi.each("[data-errors]", function (summary) {
    if (document.readyState !== "complete") {
      focusOn(summary);
    }
  });

  // --- Tick all, and how many are ticked.
  gezhi.each("[data-tick-all]", function (all) {
    var form = all.closest("form") || document;
    function boxes() {
      return Array.from(form.querySelectorAll("input[type=checkbox][name='" + all.dataset.tickAll + "']"));
    }
    function show() {
      var ticked = boxes().filter(function (box) { return box.checked; }).length;
      all.checked = ticked > 0 && ticked === boxes().length;
      all.indeterminate = ticked > 0 && !all.checked;
      form.querySelectorAll("[data-ticked-bar]").forEach(function (bar) {
        bar.hidden = ticked === 0;
        bar.querySelectorAll("[data-ticked]").forEach(function (place) {
          place.textContent = gezhi.fill(place.dataset.ticked, { n: ticked });
        });
      });
    }
    all.addEventListener("change", function () {
      boxes().forEach(function (box) { box.checked = all.checked; });
      show();
    });
    form.addEventListener("change", show);
    show();
  });

  // --- "Not now" folds a form that was opened in place; without scripts it leads back to the case.
  document.addEventListener("click", function (event) {
    var link = event.target.closest("[data-close-form]");
    var place = link && link.closest("#action-form");
    if (place) {
      event.preventDefault();
      place.textContent = "";
      var first = document.querySelector(".gz-panel-buttons a");
      if (first) {
        first.focus();
      }
    }
  });

  // --- On a phone all filters but the first are folded away.
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-toggle-filters]");
    if (button) {
      var open = button.closest(".gz-filters").classList.toggle("is-open");
      button.setAttribute("aria-expanded", String(open));
    }
  });

  // --- Print buttons, and forms that act on every change (filters).
  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-print]")) {
      window.print();
    }
  });
  document.addEventListener("change", function (event) {
    var form = event.target.form;
    if (form && form.matches("[data-submit-on-change]") && !event.target.matches("[type=search], [type=text]")) {
      form.requestSubmit ? form.requestSubmit() : form.submit();
    }
  });
})(window.gezhi);
