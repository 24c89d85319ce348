// What runs.py wrote in short, written out.

function namesOf(runs) {
  return runs.flatMap((run) => {
    if (typeof run === "string") return [run];
    const [texts, ranges] = run;
    let names = [texts[0]];
    ranges.forEach(([start, stop], axis) => {
      const next = Array.from({ length: stop - start }, (_, k) => `${start + k}${texts[axis + 1]}`);
      names = names.flatMap((name) => next.map((each) => name + each));
    });
    return names;
  });
}

function edgesOf(runs) {
  return runs.flatMap(([from, weight, count]) => Array.from({ length: count }, (_, k) => [from + k, weight === null ? null : weight + k]));
}
