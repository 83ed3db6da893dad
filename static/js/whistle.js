// The form of a whistle: what the duty catalogue suggests for a subject, taken over with one press.
(function (gezhi) {
  "use strict";

  gezhi.each("[data-whistle-draft]", function (form) {
    var box = form.querySelector("[data-suggested]");
    var words = box.querySelector("[data-suggested-words]");
    var subject = form.elements.subject;
    var found = [];

    function ask() {
      box.hidden = true;
      if (!subject.value) {
        return;
      }
      var address = form.dataset.suggestUrl + "?subject=" + encodeURIComponent(subject.value);
      fetch(address, { credentials: "same-origin" })
        .then(function (answer) { return answer.ok ? answer.json() : { departments: [] }; })
        .then(function (said) {
          found = said.departments;
          var names = found.map(function (one) { return one.name; }).join("、");
          words.textContent = gezhi.fill(box.dataset.pattern, { names: names });
          box.hidden = found.length === 0;
        })
        .catch(function () {
          // No line: the departments can be ticked by hand.
        });
    }
    box.querySelector("[data-suggested-take]").addEventListener("click", function () {
      found.forEach(function (one) {
        var tick = form.querySelector('input[name="departments"][value="' + one.id + '"]');
        if (tick) {
          tick.checked = true;
        }
      });
      gezhi.announce(words.textContent);
    });
    subject.addEventListener("change", ask);
    ask();
  });
})(window.gezhi);
