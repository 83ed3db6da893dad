// A wall shows whole rows only: what does not fit its box is left out from the end, and counted with what is not here anyway.
//   <ul data-fit="ID">…</ul> <p id="ID" data-rest="3" data-words="另有 {n} 件">…</p>, both inside one .gz-box
(function (gezhi) {
  "use strict";

  function fit(list) {
    var box = list.closest(".gz-box");
    var more = document.getElementById(list.dataset.fit);
    var rows = Array.from(list.children);
    var left = rows.length;
    rows.forEach(function (row) { row.hidden = false; });
    more.hidden = !Number(more.dataset.rest);
    while (left > 1 && box.scrollHeight > box.clientHeight + 1) {
      left -= 1;
      rows[left].hidden = true;
      more.textContent = gezhi.fill(more.dataset.words, { n: Number(more.dataset.rest) + rows.length - left });
      more.hidden = false;
    }
  }

  function all() {
    document.querySelectorAll("[data-fit]").forEach(fit);
  }

  gezhi.each("[data-fit]", fit);
  window.addEventListener("resize", all);
  window.addEventListener("load", all);
})(window.gezhi);
