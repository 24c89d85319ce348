"""The page in the hands of someone who tries everything: no error, every step the same again, the link leads back."""

import random

import pytest

from demos.playground import curve, moons
from nn import MLP, SGD

pytest.importorskip("selenium.webdriver", reason="selenium is not installed")

NOW = """
const now = () => {
  const { lr, optimizer, batch } = trainer.settings;
  return [trainer.step, lr, optimizer, batch, trainer.data.rows, trainer.theta.join()].join();
};
"""
USE = r"""
const [seed, count] = arguments;
let state = seed;
const share = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
const any = (list) => list[Math.floor(share() * list.length)];
const set = (part, value, type = "change") => {
  part.value = value;
  part.dispatchEvent(new Event(type, { bubbles: true }));
};
const option = (select) => set(select, any([...select.options].map(({ value }) => value)));
const isThere = (part) => part.getClientRects().length && !part.disabled;
const all = (selector) => [...document.querySelectorAll(selector)].filter(isThere);
const click = (selector) => any(all(selector))?.dispatchEvent(new MouseEvent("click", { bubbles: true }));
const somewhere = () => Math.floor(share() * (trainer.furthest + 1));
const actions = [
  () => { play(true); for (let k = 0; k < 5; k++) advance(); render(); },
  () => click(".transport button"),
  () => set(byId("timeline"), String(somewhere()), "input"),
  () => set(byId("lr"), any(["0.1", "0", "1e9", "abc", "", "-1", "inf", "0.01", "nan"])),
  () => option(any([byId("optimizer"), byId("batch")])),
  () => set(byId("noise"), any(["0", "0.2", "0.5"]), "input"),
  () => set(byId("seed"), any(["", "0", "5", "x"])),
  () => click("#new-weights, #break, #mend, #answer"),
  () => { option(byId("diagnosis")); click("#answer"); },
  () => click("#change-network, #show-weights, #show-gradients, #theme"),
  () => click("#architecture button"),
  () => { const select = any(all("#architecture select")); if (select) option(select); },
  () => click(".unit, path.hit"),
  () => { click("#inspector button"); if (steps.isOpen) { steps.through.go(5); steps.dialog.close(); } },
  () => { const field = any(all("#inspector input")); if (field) set(field, any(["1", "-1", "abc", "1e308"])); },
  () => edit(any([["draw", [pointOf(task, trainer.data, 0)]], ["only", trainer.data.rows - 1]])),
  () => [pythonCode, (t) => weightsFile(t, trainer.theta)].forEach((taken) => taken(task, trainer)),
];
for (let k = 0; k < count; k++) {
  any(actions)();
  if (k % 10) continue;
  if (page.playing) play(false);
  const [before, step] = [now(), trainer.step];
  moveTo(somewhere());
  moveTo(step);
  if (now() !== before) throw new Error(`another the second time: ${before} ${now()}`);
}
if (page.playing) play(false);
render();
return trainer.fault === null ? now() : null;
"""


@pytest.mark.parametrize(("make", "times"), [(moons, 2), (curve, 1)])
def test_whatever_is_done(open_playground, browser, make, times):
    pairs = make(random.Random(0))[:60]
    model = MLP(len(pairs[0][0]), [4, 3, 1], activation="tanh", seed=0)
    run = open_playground(model, pairs, validation=0.2, optimizer=SGD(model.parameters(), lr=0.1, momentum=0.9))
    for seed in range(times):
        left = run(NOW + USE, 7919 * seed + 1, 50)
        if left is not None:  # a broken training is in no link
            browser.refresh()
            assert run(NOW + "return now()") == left
