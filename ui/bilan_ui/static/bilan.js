// What makes the pages smoother. Everything works without it.

document.documentElement.classList.add("js");

// Forms that cannot be undone ask first.
document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});

// The zone that the browser's clock shows is proposed where nobody has chosen one.
document.querySelectorAll("[data-browser-zone]").forEach((input) => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const known = [...input.list.options].some((option) => option.value === zone);
  if (known && input.value === input.defaultValue && input.value === "UTC") input.value = zone;
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

// Long lists of boxes to tick: a filter, and a count that follows. What the filter says survives a rendering.
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

// Parts are moved up and down in place; without this each button sends the form.
const status = document.createElement("div");
status.className = "sr";
status.setAttribute("aria-live", "polite");
document.body.append(status);

document.addEventListener("click", (event) => {
  const button = event.target.closest("button.move");
  if (!button) return;
  event.preventDefault();
  const item = button.closest("li"), list = item.parentElement;
  const up = button.value.startsWith("up:");
  const other = up ? item.previousElementSibling : item.nextElementSibling;
  if (!other) return;
  if (up) other.before(item);
  else other.after(item);
  button.focus();
  const places = { "%name": item.querySelector("label").textContent.trim(), "%place": [...list.children].indexOf(item) + 1 };
  status.textContent = Object.entries({ ...places, "%total": list.children.length })
    .reduce((text, [mark, word]) => text.replace(mark, word), list.dataset.moved);
  list.dispatchEvent(new Event("moved", { bubbles: true }));
});

// What was filled in is there again after a reload and on the way back, with the parts in their order.
const kept = document.querySelector("form[data-kept]");
const drafts = `draft:${location.pathname}`;
// With what it began from, so that a page that is given back does not pass for one that has seen later changes.
const begun = /^(key|version)$/;
const typed = (form) => [...form.elements].filter((one) => begun.test(one.name) || (one.name && !/hidden|submit|button|password|file/.test(one.type)));
const ticks = (one) => /checkbox|radio/.test(one.type);
const same = (one, [name, value]) => one.name === name && (!ticks(one) || one.value === value);

if (kept) {
  const back = ["reload", "back_forward"].includes(performance.getEntriesByType("navigation")[0]?.type);
  const draft = back && sessionStorage.getItem(drafts);
  if (draft) {
    for (const part of JSON.parse(draft)) {
      const field = typed(kept).find((one) => same(one, part));
      if (!field) continue;
      if (ticks(field)) field.checked = part[2];
      else field.value = part[1];
      field.closest("ol.order")?.append(field.closest("li"));
    }
    kept.querySelectorAll(".picker").forEach(count);
  } else {
    sessionStorage.removeItem(drafts);
  }
  const keep = () =>
    sessionStorage.setItem(drafts, JSON.stringify(typed(kept).map((one) => [one.name, one.value, one.checked])));
  for (const kind of ["input", "change", "moved"]) kept.addEventListener(kind, keep);
}

// The preview follows the form. A newer one ends the one on its way, here and on the server; one that cannot be
// fetched says so, and leaves the last where it is.
const preview = document.getElementById("preview");
const SOON = 700; // milliseconds after the last input
let waiting, flying;

const look = async () => {
  flying?.abort();
  const own = (flying = new AbortController());
  preview.classList.add("busy");
  try {
    const answer = await fetch(preview.dataset.source, {
      method: "POST",
      headers: { "HX-Request": "true" },
      body: new URLSearchParams(new FormData(preview.closest("form"))),
      signal: own.signal,
    });
    if (answer.headers.has("HX-Redirect")) return location.assign(answer.headers.get("HX-Redirect"));
    if (!answer.ok) throw new Error(answer.statusText);
    preview.innerHTML = await answer.text();
  } catch (error) {
    if (error.name === "AbortError") return;
    preview.querySelector(".skeleton")?.remove();
    if (preview.querySelector(":scope > .notice")) return;
    const notice = document.createElement("p");
    notice.className = "notice warning";
    notice.textContent = preview.dataset.failed;
    preview.prepend(notice);
  } finally {
    if (flying === own) preview.classList.remove("busy");
  }
};

if (preview) {
  const later = (event) => {
    if (event.target.closest?.("[data-apart]")) return; // it says nothing of what the preview shows
    clearTimeout(waiting);
    waiting = setTimeout(look, SOON);
  };
  for (const kind of ["input", "moved"]) preview.closest("form").addEventListener(kind, later);
  document.addEventListener("htmx:afterSettle", later); // choices that follow others may have changed
  addEventListener("pagehide", () => flying?.abort());
  addEventListener("pageshow", () => preview.dataset.shown || look(), { once: true }); // after what the browser gives back
}

// A run tells of itself as it goes; where it cannot, the page asks every second, as it does until the line stands.
let line, told;

const watch = () => {
  const path = document.getElementById("run")?.getAttribute("hx-get");
  if (!path || line || !window.EventSource) return;
  line = new EventSource(`${path.split("?")[0]}/events`);
  line.addEventListener("progress", (event) => {
    const said = JSON.parse(event.data), run = document.getElementById("run");
    if (said.over) hangUp();
    const revision = new URLSearchParams(run?.getAttribute("hx-get")?.split("?")[1]).get("revision");
    if (!run || said.revision === revision) return;
    told = true;
    htmx.trigger(run, "told");
    told = false;
  });
  line.addEventListener("ended", () => {
    hangUp();
    location.reload();
  });
};
const hangUp = () => {
  line?.close();
  line = undefined;
};

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.id === "run" && line?.readyState === 1 && !told) event.preventDefault();
});
addEventListener("pagehide", hangUp);
addEventListener("pageshow", watch);

// What was open stays open when the run is rendered again, and the focus is never lost.
let opened = [], focused = false;
const called = (details) =>
  `${details.closest("figure, section, li")?.querySelector("figcaption, h2, h3, h4")?.textContent} ${details.id}`;

document.addEventListener("htmx:beforeSwap", (event) => {
  const run = event.detail.target;
  if (run.id !== "run") return;
  opened = [...run.querySelectorAll("details[open]")].map(called);
  focused = run.contains(document.activeElement);
});
document.addEventListener("htmx:afterSettle", () => {
  document.querySelectorAll("#run details").forEach((details) => (details.open ||= opened.includes(called(details))));
  opened = [];
  if (focused && document.activeElement === document.body) document.getElementById("main").focus();
  focused = false;
});

// A sample takes the colour as it is picked.
document.addEventListener("input", (event) => {
  const sample = document.getElementById(event.target.dataset?.sample);
  sample?.style.setProperty("--accent", event.target.value);
});

// A panel closes when something else is pressed or has the focus, which it would cover, and with Escape.
const closePanels = (except) =>
  document.querySelectorAll(".downloads[open], .menu[open]").forEach((one) => one !== except && (one.open = false));
document.addEventListener("pointerdown", (event) => closePanels(event.target.closest(".downloads, .menu")));
document.addEventListener("focusin", (event) => closePanels(event.target.closest(".downloads, .menu")));
document.addEventListener("keydown", (event) => {
  const panel = event.key === "Escape" && document.activeElement?.closest(".downloads[open], .menu[open]");
  if (!panel) return;
  panel.open = false;
  panel.querySelector("summary").focus();
});

// "Select all" of a group ticks the others of it, and goes with the first of them that does; without this it stands
// for all of them by itself.
document.addEventListener("change", (event) => {
  const box = event.target, whole = box.closest?.(".options")?.querySelector("[data-whole]");
  if (!whole || box.type !== "checkbox") return;
  const others = [...box.closest(".options").querySelectorAll("input:not([data-whole])")];
  if (box === whole) for (const one of others) one.checked = whole.checked;
  else if (!box.checked) whole.checked = false;
});

// Addresses: Tab, Enter and a comma commit what is typed, and a list that is pasted is taken apart.
// The text area stays what is sent.
const committed = (typed) =>
  typed.split(/[,;\n\t]/).flatMap((part) => {
    const named = [...part.matchAll(/<([^<>]*)>/g)].map((found) => found[1].trim());
    return named.length ? named : part.trim().split(/\s+/);
  }).filter(Boolean);

document.querySelectorAll("textarea[data-addresses]").forEach((area) => {
  const list = document.createElement("ul");
  const input = document.createElement("input");
  list.className = "committed";
  Object.assign(input, { type: "text", autocomplete: "off", spellcheck: false, inputMode: "email", id: area.id });
  ["aria-invalid", "aria-describedby"].forEach((name) => {
    if (area.hasAttribute(name)) input.setAttribute(name, area.getAttribute(name));
  });
  area.id += "-sent";
  area.hidden = true;
  const show = () => {
    list.replaceChildren(...committed(area.value).map((address) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      Object.assign(button, { type: "button", textContent: "×" });
      button.setAttribute("aria-label", area.dataset.addresses.replace("%", address));
      // The field keeps the focus: what leaves it is committed, which would put another button here.
      button.addEventListener("mousedown", (event) => event.preventDefault());
      button.addEventListener("click", () => {
        area.value = committed(area.value).filter((one) => one !== address).join(", ");
        show();
        input.focus();
      });
      item.append(address, button);
      return item;
    }));
  };
  const commit = () => {
    if (!input.value.trim()) return;
    area.value = [...new Set([...committed(area.value), ...committed(input.value)])].join(", ");
    input.value = "";
    show();
  };
  input.addEventListener("keydown", (event) => {
    if (!["Tab", "Enter", ","].includes(event.key) || event.shiftKey) return;
    // With nothing typed, Tab goes on to the next field as everywhere.
    if (input.value.trim() || event.key !== "Tab") event.preventDefault();
    commit();
  });
  input.addEventListener("input", () => {
    if (/[,;\n]/.test(input.value)) commit();
  });
  input.addEventListener("paste", () => setTimeout(commit));
  input.addEventListener("blur", commit);
  area.before(list, input);
  show();
});
