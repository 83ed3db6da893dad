// Lists: the address of a filter is taken with one press, and the search field answers to a stroke of "/".
(function (gezhi) {
  "use strict";
  document.addEventListener("focusin", function (event) {
    if (event.target.matches("[data-select-on-focus]")) {
      event.target.select();
    }
  });
  document.addEventListener("keydown", function (event) {
    var typing = event.target.matches("input, textarea, select, [contenteditable]");
    var search = document.getElementById("id_q");
    if (event.key === "/" && !typing && search && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      search.focus();
    }
  });
  gezhi.each("a[download]", function (link) {
    link.addEventListener("click", function () {
      var menu = link.closest("details");
      if (menu) {
        menu.open = false;
      }
    });
  });
})(window.gezhi);
