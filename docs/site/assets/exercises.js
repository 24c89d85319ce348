// The exercises in the page: the same texts, checks and words as in the terminal; progress is kept in this browser.

import { start, ask } from "./python.js";
import { editor, element, picture, running, show } from "./page.js";

const exercises = JSON.parse(document.querySelector("#exercises").textContent);
const [list, heading, task, given, area, button, run, hint, solution, reset, verdict, hints, drawn, progress, sheet] = [
  "exercise-list", "heading", "task", "given", "answer", "check", "try", "hint", "solution", "reset", "verdict", "hints",
  "drawn", "progress", "sheet",
].map((name) => document.getElementById(name));
const [exported, imported, printed] = ["export", "import", "print"].map((name) => document.getElementById(name));
const all = document.querySelector("#all");
const phone = matchMedia("(max-width: 48rem)");
const KEY = "liftgrad-exercises";

let kept = {};
try {
  kept = JSON.parse(localStorage.getItem(KEY) ?? "{}");
} catch {
  // What is damaged is begun afresh.
}
let current = exercises.find(({ name }) => kept[name]?.status !== "right") ?? exercises[0];

const of = (name) => (kept[name] ??= { status: "unfinished", message: "", hints: 0, seconds: 0 });
const keep = () => localStorage.setItem(KEY, JSON.stringify(kept));

const parsed = (html) => new DOMParser().parseFromString(html, "text/html").body.childNodes;
const today = () => new Date().toLocaleDateString("sv"); // 2026-11-25: Sweden writes days as computers do

function say({ status, message, printed }) {
  const right = status === "right";
  verdict.replaceChildren();
  if (!status) return;
  verdict.append(
    element("p", { className: right ? "right" : "wrong", textContent: right ? "Right." : "Not right yet." }),
    ...(message ? [element("pre", { className: "explained", textContent: message, tabIndex: 0 })] : []),
    ...(printed ? [element("p", { textContent: "Your code printed:" }), element("pre", { textContent: printed, tabIndex: 0 })] : []),
  );
}

function showHints() {
  const { hints: taken } = of(current.name);
  hints.replaceChildren(...current.hints.slice(0, taken).map((text) => element("li", { textContent: text })));
  hint.textContent = taken < current.hints.length ? "Hint" : "Hint: draw my lines";
}

// The last hint draws what the learner's own lines compute; again after every change of them.
async function drawLines() {
  const exercise = current;
  await running(hint, drawn, async () => {
    const made = await ask("picture", exercise.name, area.value);
    if (exercise !== current) return;
    drawn.replaceChildren(element("p", { className: "explained", textContent: made.stopped ?? made.caption }));
    if (made.svg) drawn.append(picture(made.svg));
  });
}

// A prediction comes before the run.
function allowRun() {
  const early = current.kind.startsWith("Predict") && ["unfinished", "late"].includes(of(current.name).status);
  run.disabled = early;
  run.title = early ? "Check your prediction first" : "";
}

function showList() {
  const solved = exercises.filter(({ name }) => kept[name]?.status === "right").length;
  progress.textContent = `${solved} of ${exercises.length} solved`;
  const kinds = [...new Set(exercises.map((exercise) => exercise.kind))];
  const entries = (group) =>
    group.map((exercise) => {
      const number = exercises.indexOf(exercise);
      const mark = kept[exercise.name]?.status === "right" ? "✓ " : "";
      const choose = element("button", { textContent: `${mark}${number + 1}. ${exercise.title}` });
      if (exercise === current) choose.setAttribute("aria-current", "true");
      choose.addEventListener("click", () => {
        all.open = !phone.matches;
        open(exercise);
      });
      return element("li", {}, choose);
    });
  list.replaceChildren(
    ...kinds.flatMap((words) => [
      element("h2", { textContent: words }),
      element("ul", {}, ...entries(exercises.filter((exercise) => exercise.kind === words))),
    ]),
  );
}

function open(exercise) {
  current = exercise;
  heading.textContent = `${exercises.indexOf(exercise) + 1}. ${exercise.title}`;
  area.value = of(exercise.name).answer ?? exercise.text;
  area.dispatchEvent(new Event("input"));
  task.replaceChildren(...parsed(exercise.task));
  given.replaceChildren(...(exercise.given ? [picture(exercise.given)] : []));
  drawn.replaceChildren();
  say({});
  allowRun();
  showHints();
  showList();
}

async function check() {
  const exercise = current;
  await running(button, verdict, async () => {
    const found = await ask("check", exercise.name, area.value);
    const { status, message, seconds } = found.stopped ? { status: "late", message: found.stopped, seconds: 0 } : found;
    const when = status === "right" ? of(exercise.name).when || today() : "";
    Object.assign(of(exercise.name), { status, message, seconds, when });
    keep();
    if (exercise === current) say({ ...found, status, message });
    verdict.dataset.checked = exercise.name;
    allowRun();
    showList();
  });
}

area.addEventListener("input", () => {
  of(current.name).answer = area.value;
  keep();
});
button.addEventListener("click", check);
run.addEventListener("click", () =>
  running(run, verdict, async () => {
    const outputs = await ask("script", area.value);
    show(verdict, outputs.length === 0 ? [{ kind: "text", text: "It ran, and printed nothing." }] : outputs);
  }),
);
hint.addEventListener("click", () => {
  const known = of(current.name);
  const most = current.hints.length + 1;
  const last = known.hints >= current.hints.length;
  if (!hint.dataset.runs) known.hints = Math.min(known.hints + 1, most);
  keep();
  if (last) return drawLines();
  showHints();
});
solution.addEventListener("click", () => {
  verdict.replaceChildren(
    element("p", { textContent: "One right answer, explained:" }),
    element("pre", { textContent: current.solution, tabIndex: 0 }),
  );
});
reset.addEventListener("click", () => {
  if (!confirm("Begin this exercise afresh? Your answer to it is lost.")) return;
  delete of(current.name).answer;
  keep();
  open(current);
});

// The report's JSON, as `python -m demos.exercises --report json` writes it, with the answers.
const report = () =>
  exercises.map(({ name, title }) => {
    const { status, message, when = "", hints: taken, seconds, answer } = of(name);
    return { name, title, right: status === "right", status, when, message, hints: taken, seconds, answer };
  });

printed.addEventListener("click", () =>
  running(printed, sheet, async () => {
    const { html } = await ask("sheet", JSON.stringify(report()));
    sheet.replaceChildren(...parsed(html));
    sheet.hidden = false;
    if (!navigator.webdriver) print();
  }),
);

exported.addEventListener("click", () => {
  const lines = report();
  const learner = { folder: "browser", message: "", solved: lines.filter(({ right }) => right).length, exercises: lines };
  const text = `${JSON.stringify({ total: exercises.length, learners: [learner] }, null, 1)}\n`;
  const address = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  element("a", { href: address, download: "exercises.json" }).click();
  URL.revokeObjectURL(address);
});
imported.addEventListener("change", async () => {
  try {
    const { learners } = JSON.parse(await imported.files[0].text());
    const known = new Set(exercises.map(({ name }) => name));
    for (const { name, status, when, message, hints: taken, seconds, answer } of listOf(learners[0].exercises)) {
      if (!known.has(name)) continue;
      kept[name] = { status: String(status), message: String(message), hints: Number(taken) || 0, seconds: Number(seconds) || 0 };
      kept[name].when = /^\d{4}-\d\d-\d\d$/.test(when) ? when : "";
      if (typeof answer === "string") kept[name].answer = answer;
    }
    keep();
    open(current);
  } catch {
    say({ status: "wrong", message: "This file is no report of the exercises: nothing was changed." });
  }
});

function listOf(thing) {
  if (!Array.isArray(thing)) throw new TypeError("no list");
  return thing;
}

all.open = !phone.matches;
editor(area, check);
open(current);
start().catch((error) => say({ status: "late", message: error.message }));
