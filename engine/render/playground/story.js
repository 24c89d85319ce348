// What the last step did, in one sentence; and what is wrong, where the numbers say so.

// before: the loss before it, or null; lastGood: () -> the last step at which the loss was a number.
function storyOf(state, before, lastGood) {
  const { task, trainer, grad, theta } = state;
  const back = () => `${lastGood() < 0 ? "Choose other weights" : `Go back to step ${lastGood()}, where the loss still was a number`}, and choose a smaller learning rate.`;
  const bad = theta.findIndex((number) => !Number.isFinite(number));
  if (bad >= 0) {
    return { alarm: true, text: `The weights are no numbers any more (${task.names[bad]} is ${formatted(theta[bad])}): the steps became too large. ${back()}` };
  }
  if (!Number.isFinite(state.loss)) return { alarm: true, text: `The loss is ${formatted(state.loss)}. ${back()}` };
  let [largest, square] = [0, 0];
  for (let k = 0; k < grad.length; k++) {
    square += grad[k] ** 2;
    if (Math.abs(grad[k]) > Math.abs(grad[largest])) largest = k;
  }
  const gradient = `Gradient: length ${formatted(Math.sqrt(square), 3)}, largest at ${task.names[largest]} (${formatted(grad[largest], 3)}).`;
  if (square === 0) return { alarm: true, text: "Every gradient is 0: nothing is learned. Dead neurons, or a loss that is met everywhere." };
  if (before === null) return { alarm: false, text: `${trainer.step ? `Step ${trainer.step}` : "Before the first step"}. ${gradient}` };
  const change = state.loss - before;
  return { alarm: false, text: `Last step: loss ${change <= 0 ? "down" : "up"} ${formatted(Math.abs(change), 3)}. ${gradient}` };
}
