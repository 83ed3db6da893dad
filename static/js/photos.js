// The photo field: pictures are made smaller on the phone before they are sent, shown, and can be taken out again.
// Without this script, or on a browser that cannot do a part of it, the plain file field still works.
(function (gezhi) {
  "use strict";
  var EDGE = 1600; // px, the longer side of what is sent
  var QUALITY = 0.85;
  var THUMB = 192;

  function canSetFiles() {
    try {
      return new DataTransfer().items !== null;
    } catch (e) {
      return false;
    }
  }

  function decode(file) {
    if (!window.createImageBitmap) {
      return Promise.reject(new Error("no decoder"));
    }
    return createImageBitmap(file, { imageOrientation: "from-image" }).catch(function () {
      return createImageBitmap(file);
    });
  }

  function draw(bitmap, edge) {
    var scale = Math.min(1, edge / Math.max(bitmap.width, bitmap.height));
    var canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    return canvas;
  }

  function toJpeg(canvas) {
    return new Promise(function (resolve) { canvas.toBlob(resolve, "image/jpeg", QUALITY); });
  }

  // The file to send and a small picture to show; the file as it is when it cannot be made smaller.
  function shrink(file) {
    return decode(file).then(
      function (bitmap) {
        var thumb = draw(bitmap, THUMB);
        return toJpeg(draw(bitmap, EDGE)).then(function (blob) {
          if (bitmap.close) {
            bitmap.close();
          }
          if (!blob || blob.size >= file.size) {
            return { file: file, thumb: thumb };
          }
          var name = file.name.replace(/\.[^.]*$/, "") + ".jpg";
          return { file: new File([blob], name, { type: "image/jpeg", lastModified: file.lastModified }), thumb: thumb };
        });
      },
      function () {
        return { file: file, thumb: null };
      }
    );
  }

  function size(bytes) {
    return bytes < 1024 * 1024 ? Math.max(1, Math.round(bytes / 1024)) + " KB" : (bytes / 1048576).toFixed(1) + " MB";
  }

  function field(root) {
    var input = root.querySelector("input[type=file]");
    var words = root.dataset;
    var most = Number(words.max) || 9;
    var shelf = gezhi.element("ul", "gz-photos");
    var status = gezhi.element("p", "gz-photos-status");
    var kept = [];
    var pressed = null; // the press that came while pictures were still being made smaller
    if (!canSetFiles()) {
      return;
    }
    shelf.setAttribute("aria-label", words.shelf || "");
    status.setAttribute("role", "status");
    root.appendChild(shelf);
    root.appendChild(status);
    root.classList.add("is-live");

    function store() {
      var transfer = new DataTransfer();
      kept.forEach(function (photo) { transfer.items.add(photo.file); });
      input.files = transfer.files;
      root.classList.toggle("is-full", kept.length >= most);
      // Taken out of the tab order too when full, but a file field that is disabled would not be sent.
      input.tabIndex = kept.length >= most ? -1 : 0;
    }
    function say(sentence) {
      status.textContent = sentence;
    }
    function count() {
      return gezhi.fill(words.count, { n: kept.length, max: most });
    }

    function remove(photo, item) {
      var at = kept.indexOf(photo);
      kept.splice(at, 1);
      item.remove();
      store();
      say(gezhi.fill(words.removed, { name: photo.file.name }) + " " + count());
      var next = shelf.querySelectorAll("button")[Math.min(at, kept.length - 1)];
      (next || input).focus();
    }

    function show(photo) {
      var item = gezhi.element("li", "gz-photo");
      var button = gezhi.element("button", "gz-photo-remove");
      button.type = "button";
      button.setAttribute("aria-label", gezhi.fill(words.remove, { name: photo.file.name }));
      button.appendChild(gezhi.icon("close"));
      button.addEventListener("click", function () { remove(photo, item); });
      if (photo.thumb) {
        photo.thumb.setAttribute("role", "img");
        photo.thumb.setAttribute("aria-label", photo.file.name);
        item.appendChild(photo.thumb);
      } else {
        item.appendChild(gezhi.element("span", "gz-photo-name", photo.file.name));
      }
      item.appendChild(gezhi.element("span", "gz-photo-size", size(photo.file.size)));
      item.appendChild(button);
      shelf.appendChild(item);
    }

    function take(files) {
      var room = most - kept.length;
      var wanted = files.slice(0, room);
      root.setAttribute("aria-busy", "true");
      say(words.working);
      // One after another: several decoded at once would fill an old phone's memory.
      return wanted
        .reduce(function (before, file) {
          return before.then(function () {
            return shrink(file).then(function (photo) {
              kept.push(photo);
              show(photo);
            });
          });
        }, Promise.resolve())
        .then(function () {
          root.removeAttribute("aria-busy");
          store();
          say(files.length > room ? gezhi.fill(words.tooMany, { max: most, n: files.length - room }) : count());
          root.dispatchEvent(new CustomEvent("gezhi:photos", { bubbles: true, detail: { count: kept.length } }));
          if (pressed) {
            var button = pressed.button;
            pressed = null;
            input.form.removeAttribute("aria-busy");
            input.form.requestSubmit(button);
          }
        });
    }

    input.addEventListener("change", function () {
      take(Array.from(input.files));
    });
    // Chosen before this script was there (a slow line), or kept by the browser over a reload.
    if (input.files.length) {
      take(Array.from(input.files));
    }
    // What is still being made smaller must not be sent half: the press waits for it and then goes by itself.
    if (input.form) {
      input.form.addEventListener("submit", function (event) {
        if (root.hasAttribute("aria-busy")) {
          event.preventDefault();
          event.stopImmediatePropagation();
          if (input.form.requestSubmit) {
            pressed = { button: event.submitter || undefined };
            input.form.setAttribute("aria-busy", "true"); // the button shows that the press is under way
            say(words.pressed);
          } else {
            say(words.working);
          }
        }
      }, true);
    }
  }

  gezhi.each("[data-photos]", field);
})(window.gezhi);
