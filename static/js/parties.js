// The counter's form: one more party without a reload. Without this script the two parties of the page are there, and
// others are added on the page of the dispute.
(function (gezhi) {
  "use strict";
  gezhi.each("[data-parties]", function (root) {
    var list = root.querySelector("[data-party-list]");
    var button = root.querySelector("[data-party-add]");
    var template = root.querySelector("[data-party-template]");
    var total = root.closest("form").elements["party-TOTAL_FORMS"];
    var most = Number(root.dataset.most);

    function full() {
      button.hidden = Number(total.value) >= most;
    }
    button.addEventListener("click", function () {
      var number = Number(total.value);
      var added = template.content.cloneNode(true);
      added.querySelectorAll("[name], [id], [for], [aria-describedby]").forEach(function (element) {
        ["name", "id", "for", "aria-describedby"].forEach(function (name) {
          var value = element.getAttribute(name);
          if (value) {
            element.setAttribute(name, value.replace(/__prefix__/g, String(number)));
          }
        });
      });
      added.querySelector("[data-party-number]").textContent = String(number + 1);
      total.value = String(number + 1);
      list.appendChild(added);
      full();
      list.lastElementChild.querySelector("select, input").focus();
    });
    full();
  });
})(window.gezhi);
