// A board that takes its own place may be held still: <button data-pause aria-pressed="false" hidden> beside [data-live].
(function (gezhi) {
  "use strict";
  var paused = false;

  document.addEventListener("htmx:beforeRequest", function (event) {
    if (paused && event.detail.elt.hasAttribute("data-live")) {
      event.preventDefault();
    }
  });

  gezhi.each("[data-pause]", function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      paused = !paused;
      button.setAttribute("aria-pressed", String(paused));
      var live = document.querySelector("[data-live]");
      if (!paused && live) {
        window.htmx.trigger(live, "gezhi:refresh");
      }
    });
  });
})(window.gezhi);
