// The window onto the drawing: how large it is drawn, what of it is seen, and a small map of all of it.
//
// It follows the steps, each as large as fits, until someone zooms; from then on it keeps that size.

class View {
  constructor(section, svg, map) {
    Object.assign(this, { section, svg, map });
    this.size = { width: svg.viewBox.baseVal.width, height: svg.viewBox.baseVal.height };
    this.zoom = null; // chosen by hand; null while it follows
    this.about = []; // the parts that the step is about, the middle of it first
    this.scale = 1;
    this.hasBegun = false;
    this.observer = new ResizeObserver(() => this.show(this.about));
    this.observer.observe(section);
    this.listening = new AbortController(); // for when another drawing takes its place
    const { signal } = this.listening;
    section.addEventListener("scroll", () => this.showFrame(), { signal });
    section.addEventListener(
      "wheel",
      (event) => {
        if (!event.ctrlKey) return;
        event.preventDefault();
        this.zoomBy(event.deltaY < 0 ? 1.1 : 1 / 1.1);
      },
      { passive: false, signal },
    );
    this.drawMap();
  }

  close() {
    this.observer.disconnect();
    this.listening.abort();
  }

  get room() {
    return { width: this.section.clientWidth, height: this.section.clientHeight };
  }

  // As large as the window lets it, between its natural size and a third more.
  get natural() {
    return Math.min(4 / 3, Math.max(1, (this.room.width - 2) / this.size.width));
  }

  get whole() {
    const { room, size } = this;
    const height = Math.max(room.height, parseFloat(getComputedStyle(this.section).maxHeight) || 0) - 2;
    return Math.min(4 / 3, (room.width - 2) / size.width, height / size.height);
  }

  show(parts) {
    this.about = parts;
    const box = this.boxOf(parts);
    const fitting = box ? Math.min(this.room.width / (box.width + 16), this.tallest / (box.height + 16)) : 1;
    const readable = fitting >= 0.6 ? Math.min(this.natural, fitting) : this.natural; // what is too large is not all seen
    this.setScale(this.zoom ?? readable);
    if (box) this.centre(box);
    this.showFrame();
  }

  get tallest() {
    return parseFloat(getComputedStyle(this.section).maxHeight) || this.room.height || Infinity;
  }

  setScale(scale) {
    this.scale = scale;
    this.svg.style.width = `${this.size.width * scale}px`;
    this.svg.style.height = `${this.size.height * scale}px`;
  }

  // What parts take in the drawing's own units, whatever its size.
  boxOf(parts) {
    if (!parts.length) return null;
    const toDrawing = this.svg.getScreenCTM().inverse();
    const corners = parts.flatMap((part) => {
      const box = part.getBoundingClientRect();
      return [new DOMPoint(box.left, box.top), new DOMPoint(box.right, box.bottom)].map((point) =>
        point.matrixTransform(toDrawing),
      );
    });
    const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)];
    const [left, top] = [Math.min(...xs), Math.min(...ys)];
    return { x: left, y: top, width: Math.max(...xs) - left, height: Math.max(...ys) - top };
  }

  // All of it in the middle; of what is too large the value and its operation, or the value alone.
  centre(box) {
    const { width, height } = this.room;
    const boxes = [box, this.boxOf(this.about.slice(0, 2)), this.boxOf(this.about.slice(0, 1))];
    const x = boxes.find((each) => each.width * this.scale <= width) ?? boxes[2];
    const y = boxes.find((each) => each.height * this.scale <= height) ?? boxes[2];
    this.section.scrollTo({
      left: (x.x + x.width / 2) * this.scale - width / 2,
      top: (y.y + y.height / 2) * this.scale - height / 2,
      behavior: !this.hasBegun || matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth",
    });
    requestAnimationFrame(() => (this.hasBegun = true));
  }

  zoomBy(factor) {
    this.zoomTo(Math.min(4, Math.max(Math.min(0.1, this.whole), this.scale * factor)));
  }

  zoomTo(zoom) {
    this.zoom = zoom;
    this.show(this.about);
  }

  // The map: the whole drawing small, and a frame around what is seen. It is there where not all of it is.
  drawMap() {
    const { width, height } = this.size;
    const namespace = this.svg.namespaceURI;
    this.map.setAttribute("viewBox", this.svg.getAttribute("viewBox"));
    this.map.style.aspectRatio = `${width} / ${height}`;
    this.small = [...this.svg.querySelectorAll(".node")].map((node) => {
      const box = this.boxOf([node]);
      const rect = document.createElementNS(namespace, "rect");
      for (const [name, value] of Object.entries(box)) rect.setAttribute(name, value);
      return [node, rect];
    });
    this.frame = document.createElementNS(namespace, "rect");
    this.frame.classList.add("frame");
    this.map.replaceChildren(...this.small.map(([, rect]) => rect), this.frame);
    const go = (event) => {
      if (event.buttons === 0 && event.type !== "pointerdown") return;
      const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(this.map.getScreenCTM().inverse());
      const { width: w, height: h } = this.room;
      this.section.scrollTo({ left: point.x * this.scale - w / 2, top: point.y * this.scale - h / 2 });
    };
    const { signal } = this.listening;
    this.map.addEventListener("pointerdown", go, { signal });
    this.map.addEventListener("pointermove", go, { signal });
  }

  showFrame() {
    const { scrollLeft, scrollTop, clientWidth, clientHeight } = this.section;
    const hidden = this.size.width * this.scale > clientWidth * 1.05 || this.size.height * this.scale > clientHeight * 1.05;
    this.map.classList.toggle("needed", hidden);
    const seen = [scrollLeft, scrollTop, clientWidth, clientHeight].map((length) => length / this.scale);
    ["x", "y", "width", "height"].forEach((name, i) => this.frame.setAttribute(name, seen[i]));
    for (const [node, rect] of this.small) rect.classList.toggle("lit", node.classList.contains("lit"));
  }
}
