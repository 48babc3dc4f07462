// What makes the pages smoother. Everything works without it.

// Forms that cannot be undone ask first.
document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});

// Buttons that copy the field they name.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  field.select();
  await navigator.clipboard.writeText(field.value);
  button.classList.add("copied");
  setTimeout(() => button.classList.remove("copied"), 2000);
});

// Long lists of boxes to tick: a filter, and a count that follows. What the filter says survives a redraw.
const filters = new Map();

const narrow = (picker) => {
  const words = (filters.get(picker.id) ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  picker.querySelectorAll(".options label").forEach((label) => {
    const text = label.textContent.toLowerCase();
    label.hidden = !label.querySelector(":checked") && !words.every((word) => text.includes(word));
  });
};

const count = (picker) => {
  const ticked = picker.querySelectorAll(".options :checked").length;
  picker.querySelector(".count").textContent = ticked
    ? picker.dataset.some.replace("%", ticked)
    : picker.dataset.none;
};

const equip = (picker) => {
  if (picker.querySelector(".filter")) return;
  const input = document.createElement("input");
  Object.assign(input, { type: "search", className: "filter", id: `${picker.id}-filter`, autocomplete: "off" });
  input.placeholder = picker.dataset.filter;
  input.setAttribute("aria-label", picker.dataset.filter);
  input.value = filters.get(picker.id) ?? "";
  input.addEventListener("input", () => {
    filters.set(picker.id, input.value);
    narrow(picker);
  });
  input.addEventListener("change", (event) => event.stopPropagation()); // filtering fills nothing in
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // nor does it send the form
  });
  picker.querySelector("summary").after(input);
  picker.addEventListener("change", () => count(picker));
  narrow(picker);
};

document.querySelectorAll(".picker").forEach(equip);
document.addEventListener("htmx:load", (event) => event.target.querySelectorAll(".picker").forEach(equip));

// A table's head sorts it in place; without this it is a link that does the same.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a.sort");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const scrolled = link.closest(".table-room").scrollLeft;
  await htmx.ajax("GET", link.href, { target: "#run", swap: "outerHTML" });
  history.replaceState(history.state, "", link.href);
  const room = document.getElementById(link.id)?.closest(".table-room");
  if (room) room.scrollLeft = scrolled;
});

// Charts: the figures of what is pointed at, or stepped to with the arrow keys.
const tip = document.createElement("div");
tip.className = "chart-tip";
tip.setAttribute("role", "status");
tip.hidden = true;
document.body.append(tip);

const wordsOf = (hit) => {
  const title = hit.querySelector("title");
  if (title) {
    hit.dataset.words = title.textContent; // the browser's own tooltip would cover ours
    title.remove();
  }
  return hit.dataset.words;
};

const show = (hit, x, y) => {
  const [label, ...figures] = wordsOf(hit).split("\n");
  const head = document.createElement("strong");
  head.textContent = label;
  tip.replaceChildren(head, ...figures.map((figure) => {
    const line = document.createElement("div");
    line.textContent = figure;
    return line;
  }));
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  const left = x + 16 + box.width > window.innerWidth ? x - 16 - box.width : x + 16;
  tip.style.left = `${Math.max(left, 4)}px`;
  tip.style.top = `${Math.max(y - box.height - 12, 4)}px`;
};

const hide = () => {
  tip.hidden = true;
  document.querySelectorAll(".hit.here").forEach((hit) => hit.classList.remove("here"));
};

document.addEventListener("pointermove", (event) => {
  const hit = event.target.closest?.(".chart .hit");
  if (hit) show(hit, event.clientX, event.clientY);
  else if (!tip.hidden && !document.querySelector(".hit.here")) hide();
});

document.addEventListener("keydown", (event) => {
  const room = document.activeElement?.closest(".chart-room");
  if (!room) return;
  if (event.key === "Escape") return hide();
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1 }[event.key];
  const hits = [...room.querySelectorAll(".hit")];
  if (!step || !hits.length) return;
  event.preventDefault();
  const now = hits.findIndex((hit) => hit.classList.contains("here"));
  const next = now < 0 ? (step > 0 ? 0 : hits.length - 1) : Math.min(Math.max(now + step, 0), hits.length - 1);
  hide();
  hits[next].classList.add("here");
  const box = hits[next].getBoundingClientRect();
  show(hits[next], box.left + box.width / 2, box.top + box.height / 3);
});

document.addEventListener("focusout", hide);
document.addEventListener("scroll", hide, { passive: true });
