"use strict";
// The page works without this script. It adds a filter to long lists, and a button that copies to each block of code.
for (const list of document.querySelectorAll(".list")) {
  const rows = [...list.querySelectorAll("li")];
  if (rows.length <= 20) continue;
  const texts = [];
  const box = document.createElement("div");
  const label = document.createElement("label");
  const input = document.createElement("input");
  const found = document.createElement("span");
  box.className = "filter";
  label.textContent = "Filter";
  input.type = "search";
  input.autocomplete = "off";
  found.setAttribute("role", "status");
  label.append(" ", input);
  box.append(label, found);
  list.prepend(box);
  const fold = list.querySelector("details");
  input.addEventListener("input", () => {
    const wanted = input.value.trim().toLowerCase();
    let number = 0;
    rows.forEach((row, index) => {
      texts[index] ??= row.textContent.toLowerCase();
      row.hidden = !texts[index].includes(wanted);
      number += !row.hidden;
    });
    if (fold) fold.open = wanted !== "";
    found.textContent = wanted ? `${number.toLocaleString("en")} of ${rows.length.toLocaleString("en")}` : "";
  });
}
for (const block of document.querySelectorAll(".code")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    const text = block.querySelector("code").textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(block.querySelector("code"));
      button.textContent = "Selected: copy it with your keyboard or menu";
    }
  });
  block.append(button);
}
