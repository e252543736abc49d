"use strict";
// The page works without this script. It adds a filter to long lists, and a button that copies to each block of code.
const MOST_FOUND = 200; // 20,000 rows would take a second to appear
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
      const isFound = texts[index].includes(wanted);
      number += isFound;
      row.hidden = !isFound || (wanted !== "" && number > MOST_FOUND);
    });
    if (fold) fold.open = wanted !== "";
    const figures = `${number.toLocaleString("en")} of ${rows.length.toLocaleString("en")}`;
    const more = number > MOST_FOUND ? `, the first ${MOST_FOUND} are shown` : "";
    found.textContent = wanted ? figures + more : "";
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
