// A box for words with a list below it: arrows, Enter, Tab and Escape work, and a screen reader is told.
// The place picker and the choice of a category are made of it.
(function (gezhi) {
  "use strict";

  // `field`: the control of the form, which keeps its name and value out of sight; the new box takes its id and label.
  // `of`: { name(choice), note(choice), asked(query), opened(), chosen(choice), dropped(), pick: sentence }.
  gezhi.combobox = function (root, field, of) {
    var input = gezhi.element("input", field.tagName === "SELECT" ? "form-control" : field.className);
    var list = gezhi.element("ul", "gz-place-list");
    var status = gezhi.element("p", "gz-place-status");
    var options = [];
    var active = -1;
    var chosen = false;

    input.id = field.id;
    input.type = "text";
    input.autocomplete = "off";
    input.placeholder = root.dataset.placeholder || "";
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", input.id + "-list");
    ["aria-describedby", "aria-invalid", "aria-required"].forEach(function (name) {
      if (field.hasAttribute(name)) {
        input.setAttribute(name, field.getAttribute(name));
        field.removeAttribute(name);
      }
    });
    if (field.required) {
      input.setAttribute("aria-required", "true");
      field.required = false;
    }
    field.id = input.id + "-code";
    list.id = input.id + "-list";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", root.dataset.listLabel || "");
    status.setAttribute("role", "status");
    field.parentNode.insertBefore(input, field);
    field.parentNode.insertBefore(list, field.nextSibling);
    field.parentNode.insertBefore(status, list.nextSibling);

    function open() {
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
    }
    function close() {
      list.hidden = true;
      active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }
    function move(to) {
      options.forEach(function (option, i) {
        option.element.setAttribute("aria-selected", String(i === to));
      });
      active = to;
      if (to >= 0) {
        input.setAttribute("aria-activedescendant", options[to].element.id);
        options[to].element.scrollIntoView({ block: "nearest" });
      }
    }
    function say(sentence) {
      status.textContent = sentence || "";
    }
    function add(choice) {
      var item = gezhi.element("li", "gz-place-option");
      item.id = list.id + "-" + options.length;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      item.appendChild(gezhi.element("span", "gz-place-name", of.name(choice)));
      if (of.note(choice)) {
        item.appendChild(gezhi.element("span", "gz-place-path", of.note(choice)));
      }
      item.addEventListener("mousedown", function (event) { event.preventDefault(); });
      item.addEventListener("click", function () { take(choice); });
      options.push({ choice: choice, element: item });
      list.appendChild(item);
    }
    function offer(choices, title) {
      list.textContent = "";
      options = [];
      if (title && choices.length) {
        var heading = gezhi.element("li", "gz-place-heading", title);
        heading.setAttribute("role", "presentation");
        list.appendChild(heading);
      }
      choices.forEach(add);
      move(-1);
      if (choices.length) {
        open();
      } else {
        close();
      }
    }
    // Shows a choice as made, without telling.
    function settle(words) {
      chosen = Boolean(words);
      input.value = words;
      input.setCustomValidity("");
      root.classList.toggle("is-chosen", chosen);
      close();
      say("");
    }
    function take(choice) {
      of.chosen(choice);
    }

    input.addEventListener("input", function () {
      if (chosen) {
        chosen = false;
        root.classList.remove("is-chosen");
        of.dropped();
      }
      of.asked(input.value.trim());
    });
    input.addEventListener("focus", function () {
      input.select();
    });
    input.addEventListener("click", function () {
      if (list.hidden && (!input.value || chosen)) {
        of.opened();
      }
    });
    input.addEventListener("blur", function () {
      close();
      if (input.value.trim() && !chosen) {
        say(of.pick);
      }
    });
    input.addEventListener("keydown", function (event) {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) {
          if (options.length && input.value && !chosen) {
            open();
          } else {
            of.opened();
          }
        }
        var last = options.length - 1;
        var down = event.key === "ArrowDown";
        move(down ? (active >= last ? 0 : active + 1) : (active <= 0 ? last : active - 1));
      } else if (event.key === "Enter" && !list.hidden && options.length) {
        event.preventDefault();
        take(options[Math.max(active, 0)].choice);
      } else if (event.key === "Tab" && !list.hidden && active >= 0) {
        take(options[active].choice);
      } else if (event.key === "Escape" && !list.hidden) {
        event.stopPropagation();
        close();
      }
    });
    return { input: input, offer: offer, settle: settle, say: say, close: close };
  };
})(window.gezhi);
