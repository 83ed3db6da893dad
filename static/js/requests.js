// What people see while a request of htmx runs slowly, and when it fails: in words, with a way on.
(function (gezhi) {
  "use strict";
  var SLOW_AFTER = 400;
  var SAY_AFTER = 5000;
  var running = 0;
  var showTimer = null;
  var sayTimer = null;
  var last = null;

  function bar() {
    return document.getElementById("progress");
  }
  function box() {
    return document.getElementById("failure");
  }

  // A refresh that the page asks for by itself must not push a warning into somebody's typing.
  function quiet(element) {
    return element.hasAttribute("data-quiet") || /\bevery\b/.test(element.getAttribute("hx-trigger") || "");
  }

  document.addEventListener("htmx:beforeRequest", function (event) {
    if (quiet(event.detail.elt)) {
      return;
    }
    running += 1;
    if (running === 1) {
      showTimer = setTimeout(function () { bar().hidden = false; }, SLOW_AFTER);
      sayTimer = setTimeout(function () { gezhi.announce(gezhi.words().slow); }, SAY_AFTER);
    }
  });
  document.addEventListener("htmx:afterRequest", function (event) {
    if (quiet(event.detail.elt)) {
      if (event.detail.successful) {
        hide("polling");
      }
      return;
    }
    running = Math.max(0, running - 1);
    if (running === 0) {
      clearTimeout(showTimer);
      clearTimeout(sayTimer);
      bar().hidden = true;
    }
    if (event.detail.successful) {
      hide();
    }
  });

  function hide(kind) {
    if (!kind || box().dataset.kind === kind) {
      box().hidden = true;
    }
  }

  function show(words, how) {
    var region = box();
    region.dataset.kind = how.kind || "";
    region.querySelector("[data-retry]").hidden = !how.retry;
    region.querySelector("[data-reload]").hidden = !how.reload;
    region.querySelector("use").setAttribute("href", gezhi.words().icons + "#" + (how.icon || "alert"));
    region.hidden = false;
    region.querySelector(".gz-failure-words").textContent = words;
    var top = region.getBoundingClientRect().top;
    if (!how.kind && (top < 60 || top > window.innerHeight - 60)) {
      region.scrollIntoView({ block: "center" });
    }
  }

  // The server's own sentence, if it sent one: a problem document, or a page with [data-error-message].
  function sentence(xhr) {
    var type = xhr.getResponseHeader("Content-Type") || "";
    if (type.indexOf("json") >= 0) {
      try {
        return JSON.parse(xhr.responseText).detail || "";
      } catch (e) {
        return "";
      }
    }
    if (type.indexOf("html") >= 0) {
      var page = new DOMParser().parseFromString(xhr.responseText, "text/html");
      var said = page.querySelector("[data-error-message]");
      return said ? said.textContent.trim() : "";
    }
    return "";
  }

  var KINDS = { 403: "forbidden", 404: "missing", 409: "conflict", 413: "tooLarge" };

  document.addEventListener("htmx:responseError", function (event) {
    var xhr = event.detail.xhr;
    if (quiet(event.detail.elt)) {
      return;
    }
    last = event.detail;
    var words = gezhi.words();
    var server = xhr.status >= 500;
    var kind = KINDS[xhr.status] || (server ? "server" : "refused");
    show((!server && sentence(xhr)) || words[kind], {
      retry: server,
      reload: xhr.status === 403 || xhr.status === 404 || xhr.status === 409
    });
  });
  document.addEventListener("htmx:sendError", function (event) {
    if (quiet(event.detail.elt)) {
      show(gezhi.words().pollingOffline, { kind: "polling", icon: "offline" });
      return;
    }
    last = event.detail;
    show(gezhi.words().offline, { retry: true, icon: "offline" });
  });
  document.addEventListener("htmx:timeout", function (event) {
    if (quiet(event.detail.elt)) {
      return;
    }
    last = event.detail;
    // A question may be asked again, and so may a form whose presses carry one key; another action may be done already.
    var keyed = event.detail.elt.querySelector("[name=idempotency_key]");
    var asked = event.detail.requestConfig.verb === "get" || keyed;
    show(keyed ? gezhi.words().timeoutKeyed : gezhi.words().timeout, { retry: Boolean(asked), reload: !asked });
  });

  // A page that has changed under the request: better said than a button that does nothing.
  document.addEventListener("htmx:targetError", function () {
    show(gezhi.words().conflict, { reload: true });
  });

  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-reload]")) {
      window.location.reload();
    }
    if (event.target.closest("[data-retry]") && last) {
      var trigger = last.requestConfig && last.requestConfig.triggeringEvent;
      box().hidden = true;
      window.htmx.trigger(last.elt, trigger ? trigger.type : "click");
    }
  });

  document.addEventListener("htmx:beforeSwap", function (event) {
    var detail = event.detail;
    var signIn = document.body.dataset.signIn;
    var landed = detail.xhr.responseURL && new URL(detail.xhr.responseURL).pathname;
    if (signIn && landed === signIn && window.location.pathname !== signIn) {
      // The session ended: a sign-in form must not appear inside a panel.
      detail.shouldSwap = false;
      window.location.assign(signIn + "?next=" + encodeURIComponent(window.location.pathname + window.location.search));
      return;
    }
    // 422 answers with the form again, errors beside the fields: it takes the form's own place. Any other 422 is
    // a plain refusal: what was typed stays, and the sentence is shown above.
    if (detail.xhr.status === 422 && detail.xhr.responseText.indexOf("data-form") >= 0) {
      var source = detail.requestConfig && detail.requestConfig.elt;
      var form = source && source.closest("[data-form]");
      detail.shouldSwap = true;
      detail.isError = false;
      if (form && !detail.xhr.getResponseHeader("HX-Retarget")) {
        detail.target = form;
        detail.swapOverride = "outerHTML";
      }
    }
  });

  window.addEventListener("online", function () { hide("polling"); });
})(window.gezhi);
