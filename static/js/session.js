// The page of a meeting: what is typed is kept on the server every few seconds, a press writes who speaks, and one
// more the time. Without this script the form is sent at the end like any other.
(function (gezhi) {
  "use strict";
  var WAIT = 2000; // ms after the last key
  var AGAIN = 5000; // ms after a failure

  gezhi.each("[data-session]", function (form) {
    var state = form.querySelector("[data-kept-state]");
    var record = form.elements.record;
    var known = form.dataset.known;
    var timer = null;
    var changed = false;
    var sending = false;
    var over = false; // sent for good, or somebody else writes

    function say(words, failed) {
      state.textContent = words;
      state.toggleAttribute("data-failed", Boolean(failed));
    }
    function later(wait) {
      clearTimeout(timer);
      timer = setTimeout(keep, wait);
    }
    function note() {
      if (over) {
        return;
      }
      changed = true;
      say(form.dataset.unkept);
      later(WAIT);
    }
    function draft() {
      var data = new FormData();
      ["record", "held_from", "held_until", "outcome"].forEach(function (name) {
        data.append(name, form.elements[name].value);
      });
      form.querySelectorAll("input[name=present]:checked").forEach(function (one) {
        data.append("present", one.value);
      });
      data.append("known", known);
      data.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
      return data;
    }
    function keep() {
      if (sending || over || !changed) {
        return;
      }
      sending = true;
      changed = false;
      fetch(form.dataset.keep, { method: "POST", body: draft(), credentials: "same-origin", headers: { Accept: "application/json" } })
        .then(function (answer) {
          if (answer.status === 409) {
            over = true;
            return answer.text().then(function () { say(form.dataset.quicker || form.dataset.failed, true); });
          }
          if (!answer.ok) {
            throw new Error(String(answer.status));
          }
          return answer.json().then(function (said) {
            known = said.known;
            say(changed ? form.dataset.unkept : form.dataset.kept);
          });
        })
        .catch(function () {
          changed = true;
          say(form.dataset.failed, true);
        })
        .then(function () {
          sending = false;
          if (changed && !over) {
            later(state.hasAttribute("data-failed") ? AGAIN : WAIT);
          }
        });
    }

    form.addEventListener("input", note);
    form.addEventListener("change", note);
    form.addEventListener("submit", function () {
      over = true;
      clearTimeout(timer);
    });
    form.querySelectorAll("[data-speaker]").forEach(function (button) {
      button.addEventListener("click", function () {
        var at = record.selectionStart;
        var before = record.value.slice(0, at);
        var line = (before && !before.endsWith("\n") ? "\n" : "") + button.dataset.speaker + "：";
        record.setRangeText(line, at, record.selectionEnd, "end");
        record.focus();
        note();
      });
    });
    form.querySelectorAll("[data-now]").forEach(function (button) {
      button.addEventListener("click", function () {
        // The clock of China, by the server's time, whatever this machine is set to.
        var now = new Date(gezhi.clock.now() + 8 * 3600 * 1000);
        form.elements[button.dataset.now].value = now.toISOString().slice(0, 16);
        note();
      });
    });
    window.addEventListener("beforeunload", function (event) {
      if ((changed || sending) && !over) {
        keep();
        event.preventDefault();
        event.returnValue = "";
      }
    });
  });
})(window.gezhi);
