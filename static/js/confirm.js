// Asks before what cannot be undone, in the page's own dialog. See templates/components/confirm.html.
(function (gezhi) {
  "use strict";
  var asking = null;

  function dialog() {
    return document.getElementById("confirm");
  }

  function ask(source, question, then) {
    var box = dialog();
    if (!box.showModal) {
      if (window.confirm([question, source.dataset.confirmMore].filter(Boolean).join("\n"))) {
        then();
      }
      return;
    }
    var yes = box.querySelector("[data-yes]");
    box.querySelector("h2").textContent = question;
    box.querySelector("[data-more]").textContent = source.dataset.confirmMore || "";
    yes.textContent = source.dataset.confirmDo || yes.dataset.default;
    asking = { source: source, then: then, from: document.activeElement };
    box.returnValue = "no";
    box.showModal();
    box.querySelector("[data-no]").focus();
  }

  gezhi.each("#confirm", function (box) {
    box.addEventListener("close", function () {
      var asked = asking;
      asking = null;
      if (!asked) {
        return;
      }
      if (asked.from && document.contains(asked.from)) {
        asked.from.focus();
      }
      if (box.returnValue === "yes") {
        asked.then();
      }
    });
  });

  document.addEventListener(
    "submit",
    function (event) {
      var form = event.target;
      var button = event.submitter;
      // A form of several buttons asks only before the one that is marked.
      var source = button && button.matches("[data-confirm]") ? button : form;
      if (!source.matches("[data-confirm]") || form.dataset.confirmed || form.hasAttribute("hx-confirm")) {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
      ask(source, source.dataset.confirm, function () {
        form.dataset.confirmed = "1";
        if (form.requestSubmit) {
          form.requestSubmit(button || undefined);
        } else if (button) {
          button.click(); // sends its own name and value with the form
        } else {
          form.submit();
        }
        delete form.dataset.confirmed;
      });
    },
    true
  );

  document.addEventListener("htmx:confirm", function (event) {
    if (event.detail.question) {
      event.preventDefault();
      ask(event.detail.elt, event.detail.question, function () { event.detail.issueRequest(true); });
    }
  });
})(window.gezhi);
