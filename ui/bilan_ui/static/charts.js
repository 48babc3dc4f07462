// Charts answer to pointer, touch and keys with the figures of one place. Without this they are pictures with a table.

const tip = document.createElement("div");
tip.className = "chart-tip";
tip.setAttribute("aria-hidden", "true"); // what is stepped to is read out by `said`, and only then
tip.hidden = true;
const said = document.createElement("div");
said.className = "sr";
said.setAttribute("aria-live", "polite");
document.body.append(tip, said);

let here = null; // the place whose figures are shown
let stepped = false; // by keys: then the pointer elsewhere takes nothing away

const wordsOf = (hit) => {
  const title = hit.querySelector("title");
  if (title) {
    hit.dataset.words = title.textContent; // the browser's own tooltip would cover ours
    title.remove();
  }
  return hit.dataset.words ?? "";
};

// Lines stand in the order of the series; the earlier period's come after, in the same order.
const key = (chart, place, count) => {
  const mark = document.createElement("i");
  const compared = chart.querySelector(".previous, .previous-bar");
  const series = compared ? count / 2 : count;
  mark.className = place < series ? `key k${(place % 8) + 1}` : "key before";
  return mark;
};

const fill = (hit) => {
  const [label, ...figures] = wordsOf(hit).split("\n");
  const head = document.createElement("strong");
  head.textContent = label;
  const chart = hit.closest("svg");
  tip.replaceChildren(head, ...figures.map((figure, place) => {
    const line = document.createElement("div");
    if (figures.length > 1) line.append(key(chart, place, figures.length));
    line.append(figure);
    return line;
  }));
};

const put = (x, y) => {
  const box = tip.getBoundingClientRect();
  const left = x + 16 + box.width > innerWidth - 4 ? x - 16 - box.width : x + 16;
  tip.style.left = `${Math.min(Math.max(left, 4), innerWidth - box.width - 4)}px`;
  tip.style.top = `${Math.min(Math.max(y - box.height - 12, 4), innerHeight - box.height - 4)}px`;
};

const show = (hit, x, y) => {
  if (hit !== here) {
    here?.classList.remove("here");
    here = hit;
    hit.classList.add("here");
    fill(hit);
    tip.hidden = false;
  }
  put(x, y);
};

const hide = () => {
  here?.classList.remove("here");
  here = null;
  tip.hidden = true;
};

const follow = (event) => {
  const hit = event.target.closest?.(".chart .hit");
  if (hit) {
    stepped = false;
    show(hit, event.clientX, event.clientY);
  } else if (here && !stepped) hide();
};
document.addEventListener("pointermove", follow);
document.addEventListener("pointerdown", follow);

const MOVES = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity };

document.addEventListener("keydown", (event) => {
  const room = document.activeElement?.closest(".chart-room");
  if (!room || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === "Escape") return hide();
  const hits = [...room.querySelectorAll(".hit")];
  let step = MOVES[event.key];
  if (!step || !hits.length) return;
  event.preventDefault();
  const first = hits[0].getBoundingClientRect(), last = hits.at(-1).getBoundingClientRect();
  if (first.left > last.left && ["ArrowLeft", "ArrowRight"].includes(event.key)) step = -step;
  const known = room.contains(here);
  const now = known ? hits.indexOf(here) : step > 0 ? -1 : hits.length;
  // In a heat map up and down lead to the next row, and from the last one nowhere.
  const columns = Number(room.querySelector(".chart").dataset.columns ?? 1);
  if (columns > 1 && known && ["ArrowUp", "ArrowDown"].includes(event.key)) step *= columns;
  const wanted = Math.abs(step) === columns && !hits[now + step] ? now : now + step;
  const next = hits[Math.min(Math.max(wanted, 0), hits.length - 1)];
  next.scrollIntoView({ block: "nearest", inline: "nearest" });
  const box = next.getBoundingClientRect();
  stepped = true;
  show(next, box.left + box.width / 2, box.top + box.height / 3);
  said.textContent = wordsOf(next).replaceAll("\n", ", ");
});

document.addEventListener("focusout", hide);
document.addEventListener("htmx:beforeSwap", hide);
document.addEventListener("scroll", () => stepped || hide(), { passive: true });
