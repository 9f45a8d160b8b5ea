"use strict";
// Reads the curves out of the drawing itself, so that the page holds every number once.
document.documentElement.classList.add("js");
const own = document.querySelector("#own-scale");

function said(value, range) {
  const digits = Math.min(6, Math.max(0, 2 - Math.floor(Math.log10(range || 1))));
  return value.toFixed(digits).replace("-", "−");
}

// An SVG path of ours: "M0 12L1 13 2 14M5 9h0".
function segments(path) {
  return path.getAttribute("d").split("M").slice(1).map((part) =>
    part.replace("h0", "").split(/[L ]/).map(Number).reduce((points, n, at) => {
      if (at % 2) points[points.length - 1].push(n); else points.push([n]);
      return points;
    }, []));
}

// Frames that are not drawn lie on the line between their neighbours, as near as that is.
function levelAt(parts, frame) {
  for (const points of parts) {
    if (frame < points[0][0] || frame > points[points.length - 1][0]) continue;
    let low = 0, high = points.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (points[middle][0] <= frame) low = middle; else high = middle;
    }
    const [[x0, y0], [x1, y1]] = [points[low], points[high]];
    if (frame === x0 || frame === x1) return { y: frame === x0 ? y0 : y1, exact: true };
    return { y: y0 + ((y1 - y0) * (frame - x0)) / (x1 - x0), exact: false };
  }
  return null;
}

function setUp(card) {
  const scrub = card.querySelector(".scrub");
  if (!scrub) return;
  const over = card.querySelector(".over"), cursor = card.querySelector(".cursor"), at = card.querySelector(".at");
  const thumbs = [...card.querySelectorAll(".strip li")];
  const fps = Number(card.dataset.fps), span = Number(card.dataset.span), last = Number(scrub.max);
  let curves = null;

  function read() {
    const height = Number(document.querySelector("#episodes").dataset.height);
    curves = [...card.querySelectorAll(".lane")].flatMap((lane) => {
      const low = Number(lane.dataset.low), high = Number(lane.dataset.high);
      return [...lane.querySelectorAll("path[data-kind]")].map((path) => ({
        parts: segments(path), out: lane.querySelector(`.now .${path.dataset.kind}`),
        value: (y) => (high === low ? low : high - ((high - low) * y) / height), range: high - low,
      }));
    });
  }

  function show(frame) {
    if (!curves) read();
    frame = Math.min(last, Math.max(0, frame));
    scrub.value = frame;
    const when = fps ? `frame ${frame}, ${(frame / fps).toFixed(2)} s` : `frame ${frame}`;
    scrub.setAttribute("aria-valuetext", when);
    at.textContent = when;
    cursor.style.display = "block";
    cursor.style.left = `${(100 * frame) / span}%`;
    for (const { parts, out, value, range } of curves) {
      const level = levelAt(parts, frame);
      out.textContent = level === null ? "none" : (level.exact ? "" : "≈ ") + said(value(level.y), range);
    }
    const nearest = Math.min(...thumbs.map((thumb) => Math.abs(thumb.dataset.frame - frame)));
    thumbs.forEach((thumb) => thumb.classList.toggle("on", Math.abs(thumb.dataset.frame - frame) === nearest));
  }

  scrub.addEventListener("input", () => show(Number(scrub.value)));
  const pointed = (event) => {
    const box = over.getBoundingClientRect();
    show(Math.round(((event.clientX - box.left) / box.width) * span));
  };
  over.addEventListener("pointermove", pointed);
  over.addEventListener("pointerdown", pointed);
  thumbs.forEach((thumb) => thumb.addEventListener("click", () => show(Number(thumb.dataset.frame))));
  card.querySelectorAll(".says button").forEach((button) =>
    button.addEventListener("click", () => show(Number(button.dataset.frame))));
}

// One scale for all episodes, or each lane as high as its own curve: only the window on the drawing changes.
function scale() {
  for (const lane of document.querySelectorAll(".lane")) {
    const svg = lane.querySelector("svg"), which = own.checked ? "own" : "all";
    svg.setAttribute("viewBox", svg.dataset[which]);
    [lane.querySelector(".lo").textContent, lane.querySelector(".hi").textContent] = svg.dataset[`${which}Ends`].split("|");
  }
}

function setUpLengths(chart) {
  const bars = [...chart.querySelectorAll("rect[data-said]")], out = document.querySelector("#length-said");
  const rest = out.textContent;
  let at = -1;
  const show = (next) => {
    if (at >= 0) bars[at].classList.remove("on");
    at = Math.min(bars.length - 1, Math.max(-1, next));
    out.textContent = at < 0 ? rest : bars[at].dataset.said;
    if (at >= 0) bars[at].classList.add("on");
  };
  const go = () => at >= 0 && bars[at].dataset.to && (location.hash = bars[at].dataset.to);
  chart.addEventListener("pointermove", (event) => {
    const box = chart.getBoundingClientRect();
    show(Math.floor(((event.clientX - box.left) / box.width) * bars.length));
  });
  chart.addEventListener("pointerleave", () => show(-1));
  chart.addEventListener("click", go);
  chart.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, PageDown: 10, PageUp: -10, Home: -bars.length, End: bars.length }[event.key];
    if (step) { event.preventDefault(); show(Math.max(0, at + step)); }
    if (event.key === "Enter") go();
  });
}

document.querySelectorAll(".episode").forEach(setUp);
document.querySelectorAll(".chart").forEach(setUpLengths);
if (own) { own.addEventListener("change", scale); if (own.checked) scale(); }
