// Draws the figures of a report, each from the JSON that the page holds of it: those in or near the
// view first, the others when the browser has nothing else to do, and all of them before printing.
{
  const config = {{ config | tojson }};
  const left = new Set(document.querySelectorAll(".plotly-graph-div"));
  const near = [];
  const idle = window.requestIdleCallback ?? (work => setTimeout(work, 200));

  const draw = place => {
    if (!left.delete(place)) return;
    watch.unobserve(place);
    const figure = JSON.parse(document.getElementById(`${place.id}-figure`).textContent);
    Plotly.newPlot(place, {...figure, config});
  };

  // A frame between two figures, so that the first is seen and answers before the next is drawn.
  const drawNear = () => {
    if (near.length) draw(near.shift());
    if (near.length) requestAnimationFrame(() => setTimeout(drawNear));
  };
  const watch = new IntersectionObserver(seen => {
    near.push(...seen.filter(each => each.isIntersecting).map(each => each.target));
    drawNear();
  }, {rootMargin: "200px"});

  const drawNext = () => {
    const [next] = left;
    if (!next) return;
    draw(next);
    idle(drawNext);
  };

  left.forEach(place => watch.observe(place));
  idle(drawNext);
  addEventListener("beforeprint", () => left.forEach(draw));
}
