// Presses that must not be lost on a poor line. A form with data-keep-press is put into the browser's own database
// together with its photos, and sent with its idempotency key: at once, whenever the line comes back, and when a page
// with an outbox is opened again. Only what the server answered leaves it. The form says with data-keep-url which
// address of the API takes it, with data-keep-post under which post, and with data-keep-then where to go afterwards:
// nothing here knows what is sent, so that any other form can be kept in the same way.
window.gezhi.outbox = (function (gezhi) {
  "use strict";
  var NAME = "gezhi";
  var STORE = "presses";
  var AGAIN = 10000; // ms between two tries while something waits
  var LONGEST = 120000; // ms until a try without an answer is given up: a dead line does not hold up the next one
  var listeners = [];
  var current = Promise.resolve(); // the round under way
  var queued = null; // the one after it
  var timer = null;
  var memory = []; // where the browser keeps nothing (a private window), a press lives as long as the page

  function request(asked) {
    return new Promise(function (resolve, reject) {
      asked.onsuccess = function () { resolve(asked.result); };
      asked.onerror = function () { reject(asked.error); };
    });
  }

  function open() {
    if (!window.indexedDB) {
      return Promise.reject(new Error("no database"));
    }
    var asked = window.indexedDB.open(NAME, 1);
    asked.onupgradeneeded = function () {
      asked.result.createObjectStore(STORE, { keyPath: "key" });
    };
    return request(asked);
  }

  function inStore(mode, run) {
    return open().then(function (base) {
      var done = request(run(base.transaction(STORE, mode).objectStore(STORE)));
      return done.then(
        function (result) { base.close(); return result; },
        function (error) { base.close(); throw error; }
      );
    });
  }

  function put(press) {
    return inStore("readwrite", function (store) { return store.put(press); }).catch(function () {
      memory = memory.filter(function (one) { return one.key !== press.key; }).concat([press]);
    });
  }

  function drop(key) {
    memory = memory.filter(function (one) { return one.key !== key; });
    return inStore("readwrite", function (store) { return store.delete(key); }).catch(function () {});
  }

  // The presses of the person signed in; somebody else's on the same phone wait for their owner.
  function waiting() {
    var mine = document.body.dataset.user;
    return inStore("readonly", function (store) { return store.getAll(); })
      .catch(function () { return []; })
      .then(function (kept) {
        var keys = kept.map(function (one) { return one.key; });
        var all = kept.concat(memory.filter(function (one) { return keys.indexOf(one.key) < 0; }));
        return all
          .filter(function (one) { return one.user === mine; })
          .sort(function (a, b) { return a.at - b.at; });
      });
  }

  function tell() {
    return waiting().then(function (presses) {
      listeners.forEach(function (listener) { listener(presses); });
      return presses;
    });
  }

  // What a form says, files included, as it will be sent; its protection token is the page's that sends it.
  function keep(form) {
    var fields = [];
    new FormData(form).forEach(function (value, name) {
      if (name !== "csrfmiddlewaretoken" && name !== "idempotency_key" && !(value instanceof File && !value.size && !value.name)) {
        fields.push(value instanceof File ? [name, value, value.name] : [name, value]);
      }
    });
    var press = {
      key: form.elements.idempotency_key.value,
      url: form.dataset.keepUrl,
      then: form.dataset.keepThen,
      post: form.dataset.keepPost,
      label: form.dataset.keepPress,
      user: document.body.dataset.user,
      at: Date.now(),
      fields: fields,
      refused: ""
    };
    if (navigator.storage && navigator.storage.persist) {
      navigator.storage.persist().catch(function () {});
    }
    return put(press).then(tell).then(function () { return press; });
  }

  function body(press) {
    var data = new FormData();
    press.fields.forEach(function (field) {
      if (field.length === 3) {
        data.append(field[0], field[1], field[2]);
      } else {
        data.append(field[0], field[1]);
      }
    });
    return data;
  }

  function post(press) {
    var headers = JSON.parse(document.body.getAttribute("hx-headers") || "{}");
    headers.Accept = "application/json";
    headers["Idempotency-Key"] = press.key;
    headers["X-Gezhi-Post"] = press.post;
    headers["X-Gezhi-User"] = press.user; // another person may have signed in on this phone meanwhile
    var stop = window.AbortController ? new AbortController() : null;
    var patience = setTimeout(function () { if (stop) { stop.abort(); } }, LONGEST);
    function over() { clearTimeout(patience); }
    var asked = fetch(press.url, {
      method: "POST", body: body(press), headers: headers, credentials: "same-origin", signal: stop ? stop.signal : undefined
    });
    asked.then(over, over);
    return asked;
  }

  // Done: {done, location}. Refused for good: {refused}. Not answered, signed out, or the page's protection token is
  // too old: thrown, and tried again, here or by the next page.
  function sent(press) {
    return post(press).then(function (answer) {
      var json = (answer.headers.get("Content-Type") || "").indexOf("json") >= 0;
      if (!json || answer.status >= 500 || answer.status === 401 || answer.status === 429) {
        throw new Error("not answered");
      }
      return answer.json().then(function (said) {
        if (answer.ok) {
          return drop(press.key).then(function () { return { done: true, location: press.then }; });
        }
        if (said.code === "page_expired") {
          throw new Error("not answered");
        }
        press.refused = said.detail || String(answer.status);
        return put(press).then(function () { return { refused: press.refused }; });
      });
    });
  }

  // One after another, so that a slow line carries one press whole.
  function round() {
    clearTimeout(timer);
    var answers = {};
    return waiting()
      .then(function (presses) {
        return presses.reduce(function (before, press) {
          return before.then(function () {
            if (press.refused) {
              return null;
            }
            return sent(press).then(
              function (answer) { answers[press.key] = answer; },
              function () { answers[press.key] = { waiting: true }; }
            );
          });
        }, Promise.resolve());
      })
      .then(tell)
      .then(function (left) {
        if (left.some(function (press) { return !press.refused; })) {
          timer = setTimeout(flush, AGAIN);
        }
        document.dispatchEvent(new CustomEvent("gezhi:sent", { detail: answers }));
      });
  }

  // Sends what waits and tells the page with "gezhi:sent" what was answered, by key. A press that was kept while a round
  // was under way has a round of its own after it.
  function flush() {
    if (!queued) {
      queued = current.then(function () { queued = null; return round(); });
      current = queued.catch(function () {});
    }
    return queued;
  }

  window.addEventListener("online", flush);
  document.addEventListener("visibilitychange", function () {
    if (!document.hidden) {
      flush();
    }
  });

  return {
    keep: keep,
    flush: flush,
    drop: function (key) { return drop(key).then(tell); },
    onChange: function (listener) { listeners.push(listener); }
  };
})(window.gezhi);

// What waits, in words, on every page that has a place for it.
(function (gezhi) {
  "use strict";

  function line(root, press) {
    var words = root.dataset;
    var item = gezhi.element("li", "gz-kept");
    item.dataset.look = press.refused ? "over" : "soon";
    item.appendChild(gezhi.icon(press.refused ? "alert" : "hourglass", "gz-icon-s"));
    var at = new Date(press.at);
    var time = [at.getHours(), at.getMinutes(), at.getSeconds()]
      .map(function (n) { return String(n).padStart(2, "0"); })
      .join(":");
    var pattern = press.refused ? words.refused : words.waiting;
    item.appendChild(gezhi.element("span", "", gezhi.fill(pattern, { label: press.label, time: time, why: press.refused })));
    if (press.refused) {
      var button = gezhi.element("button", "btn", words.drop);
      button.type = "button";
      button.addEventListener("click", function () { gezhi.outbox.drop(press.key); });
      item.appendChild(button);
    }
    return item;
  }

  gezhi.each("[data-outbox]", function (root) {
    var list = root.querySelector("ul");
    var open = root.querySelector("[data-outbox-retry]");
    gezhi.outbox.onChange(function (presses) {
      list.textContent = "";
      presses.forEach(function (press) { list.appendChild(line(root, press)); });
      root.hidden = presses.length === 0;
    });
    open.addEventListener("click", function () { gezhi.outbox.flush(); });
    document.addEventListener("gezhi:sent", function (event) {
      var answers = event.detail;
      var done = Object.keys(answers).filter(function (key) { return answers[key].done; });
      if (done.length) {
        gezhi.announce(root.dataset.done);
        // What the page shows is older than what was just sent from it.
        window.location.assign(answers[done[0]].location || window.location.href);
      }
    });
    gezhi.outbox.flush();
  });

  gezhi.each("form[data-keep-press]", function (form) {
    var status = form.querySelector("[data-press-status]");

    form.addEventListener("submit", function (event) {
      if (event.defaultPrevented) {
        return;
      }
      event.preventDefault();
      if (form.getAttribute("aria-busy") === "true" || !form.reportValidity()) {
        return;
      }
      form.dispatchEvent(new CustomEvent("gezhi:press", { bubbles: true }));
      form.setAttribute("aria-busy", "true");
      status.textContent = status.dataset.sending;
      gezhi.outbox.keep(form).then(gezhi.outbox.flush);
    });

    document.addEventListener("gezhi:sent", function (event) {
      var answer = event.detail[form.elements.idempotency_key.value];
      if (!answer || answer.done) {
        return; // the page goes on to where the press leads
      }
      form.removeAttribute("aria-busy");
      status.textContent = answer.refused || status.dataset.waiting;
      form.querySelector("[type=submit]").disabled = Boolean(answer.waiting);
      if (answer.refused) {
        form.querySelector("[type=submit]").focus();
      }
    });
  });
})(window.gezhi);
