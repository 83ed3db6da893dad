// Runs before the first paint: light or dark, as chosen on this device or as the system says.
(function () {
  "use strict";
  var root = document.documentElement;
  var fixed = root.getAttribute("data-bs-theme") === "dark"; // a wall board is always dark
  var system = window.matchMedia("(prefers-color-scheme: dark)");

  function choice() {
    try {
      return localStorage.getItem("gezhi-theme") || "auto";
    } catch (e) {
      return "auto"; // storage is closed on this device
    }
  }

  function apply() {
    var chosen = choice();
    var dark = fixed || chosen === "dark" || (chosen === "auto" && system.matches);
    root.setAttribute("data-bs-theme", dark ? "dark" : "light");
    document.dispatchEvent(new CustomEvent("gezhi:theme"));
  }

  window.gezhiTheme = {
    choice: choice,
    choose: function (value) {
      try {
        localStorage.setItem("gezhi-theme", value);
      } catch (e) {
        // Kept for this page only.
      }
      fixed = false;
      apply();
    }
  };
  root.classList.add("has-js");
  apply();
  if (system.addEventListener) {
    system.addEventListener("change", apply);
  }
})();
