// What pages do beyond plain HTML. Everything works without it.
"use strict";

// The button that copies stands in the page only where it can work.
for (const place of document.querySelectorAll("[data-copy]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.setAttribute("aria-label", place.dataset.copies);
  // What became of it is said, too, and the button keeps its name.
  const said = document.createElement("span");
  said.className = "meta";
  said.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    const source = document.getElementById(place.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
      said.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(source);
      said.textContent = "Selected";
    }
    setTimeout(() => { said.textContent = ""; }, 2000);
  });
  place.append(button, " ", said);
}

// A filter applies at a click; what is typed, with Enter.
for (const choice of document.querySelectorAll("#filter [type=checkbox], #filter [type=radio], select[form=filter]")) {
  choice.addEventListener("change", () => choice.form.requestSubmit());
}

// An address has no parameters that say nothing.
for (const form of document.forms) {
  form.addEventListener("formdata", ({ formData }) => {
    for (const [name, value] of [...formData]) if (value === "") formData.delete(name);
  });
}
