/**
 * Looks at the charts of the page after the browser has painted: at one that has changed after each frame, at all some
 * twenty times a second. Compares what is drawn with the axes as a person reads them: the middles of the tick labels
 * say where values are, and each mark has to be where its own value is, and none outside of the area of the marks. All
 * places are pixels from the page; of Plotly only values are taken, never places.
 *
 * window.axes.moment = 'reload'    names what happens from now on
 * window.axes.take()               the samples since the last call: one for each look at a chart
 */
(() => {
  const PAUSE_MS = 50;
  /** Of many marks of one trace so many are looked at. */
  const MOST_MARKS = 24;
  const samples = [];

  const middle = (from, to) => (from + to) / 2;
  const spread = list => {
    const every = Math.max(1, Math.ceil(list.length / MOST_MARKS));
    return [...list].filter((_, at) => at % every === 0 || at === list.length - 1);
  };

  /** Pixel of a value of one axis, by its tick labels; null while it has none. */
  function readAxis(plot, axis) {
    const across = axis._id[0] === 'x';
    const labels = [];
    for (const text of plot.querySelectorAll(`g.${axis._id}tick > text`)) {
      const { left, right, top, bottom, width } = text.getBoundingClientRect();
      const turned = /rotate\((?!0|90|-90)/.test(text.getAttribute('transform') ?? '');
      if (width === 0 || turned) continue;
      labels.push([text.__data__.x, across ? middle(left, right) : middle(top, bottom)]);
    }
    if (labels.length === 0) return null;
    labels.sort(([a], [b]) => a - b);
    const [[first, start], [last, end]] = [labels[0], labels[labels.length - 1]];
    const slope = last > first ? (end - start) / (last - first) : axis._m;
    const pixel = value => start + slope * (axis.c2l(value) - first);
    return { pixel, slope };
  }

  function look(plot) {
    const layout = plot._fullLayout;
    const axes = new Map();
    const axisOf = id => {
      if (!axes.has(id)) {
        const axis = layout[id.replace(/^([xy])/, '$1axis')];
        axes.set(id, axis && readAxis(plot, axis));
      }
      return axes.get(id);
    };
    const seen = { marks: 0, worst: 0, what: '', outside: 0 };
    const areas = [...plot.querySelectorAll('.nsewdrag')].map(area => area.getBoundingClientRect());
    /** By how much these pixels leave the area that they are in, or nearest to. */
    const stay = ({ left, right, top, bottom }) => {
      const over = areas.map(area =>
        Math.max(area.left - left, right - area.right, area.top - top, bottom - area.bottom)
      );
      if (over.length > 0) seen.outside = Math.max(seen.outside, Math.min(...over));
    };
    const compare = (what, id, drawn, value) => {
      const axis = axisOf(id);
      if (!axis || value === undefined || value === null || value === false || !Number.isFinite(drawn)) return;
      seen.marks += 1;
      const off = Math.abs(drawn - axis.pixel(value));
      if (off > seen.worst) Object.assign(seen, { worst: off, what: `${what} on ${id}` });
    };
    const extent = cells => {
      const known = cells.filter(cell => typeof cell === 'number');
      return known.length > 0 ? [Math.min(...known), Math.max(...known)] : [undefined, undefined];
    };
    const compareBox = (what, ids, box, ends) => {
      // of an axis that runs the other way the greater value comes first
      for (const [id, [low, high], [from, to]] of [
        [ids[0], ends[0], [box.left, box.right]],
        [ids[1], ends[1], [box.bottom, box.top]]
      ]) {
        const axis = axisOf(id);
        const turned = axis && axis.slope < 0 === (id[0] === 'x');
        compare(what, id, turned ? to : from, low);
        compare(what, id, turned ? from : to, high);
      }
    };
    const idsOf = trace => [trace.xaxis ?? 'x', trace.yaxis ?? 'y'];

    for (const group of plot.querySelectorAll('.scatterlayer > .trace')) {
      const calculated = group.__data__;
      if (!calculated?.[0]?.trace) continue;
      const { trace } = calculated[0];
      const ids = idsOf(trace);
      for (const mark of spread(group.querySelectorAll('.points > path.point'))) {
        if (mark.style.display === 'none') continue;
        const { e, f } = mark.getScreenCTM();
        compare(`dot of ${trace.name}`, ids[0], e, mark.__data__.x);
        compare(`dot of ${trace.name}`, ids[1], f, mark.__data__.y);
        if (!mark.closest('[clip-path], [style*=clip-path]')) stay({ left: e, right: e, top: f, bottom: f });
      }
      const lines = [...group.querySelectorAll('.lines > path.js-line')].filter(line => line.getAttribute('d'));
      const points = calculated.filter(({ x, y }) => typeof x === 'number' && typeof y === 'number');
      if (lines.length === 0 || points.length === 0) continue;
      const boxes = lines.map(line => line.getBoundingClientRect());
      const box = {
        left: Math.min(...boxes.map(({ left }) => left)),
        right: Math.max(...boxes.map(({ right }) => right)),
        top: Math.min(...boxes.map(({ top }) => top)),
        bottom: Math.max(...boxes.map(({ bottom }) => bottom))
      };
      compareBox(`line of ${trace.name}`, ids, box, [
        extent(points.map(({ x }) => x)),
        extent(points.map(({ y }) => y))
      ]);
    }
    for (const bar of spread(plot.querySelectorAll('.barlayer .point > path'))) {
      const { trace } = bar.closest('.trace').__data__[0];
      const { p0, p1, s0, s1 } = bar.__data__;
      const [along, across] = [[s0, s1].sort((a, b) => a - b), [p0, p1].sort((a, b) => a - b)];
      const ends = trace.orientation === 'h' ? [along, across] : [across, along];
      compareBox(`bar of ${trace.name}`, idsOf(trace), bar.getBoundingClientRect(), ends);
    }
    for (const image of plot.querySelectorAll('.heatmaplayer .hm image')) {
      const [calculated] = image.closest('.hm').__data__;
      const ends = [extent(calculated.x), extent(calculated.y)];
      compareBox('heat map', idsOf(calculated.trace), image.getBoundingClientRect(), ends);
      stay(image.getBoundingClientRect());
    }
    for (const shape of plot.querySelectorAll('.shapelayer path[data-index]')) {
      const drawn = layout.shapes[Number(shape.getAttribute('data-index'))];
      for (const letter of ['x', 'y']) {
        const id = drawn?.[`${letter}ref`];
        const axis = id && layout[id.replace(/^([xy])/, '$1axis')];
        if (!axis || axis.type === 'category') continue;
        const box = shape.getBoundingClientRect();
        const [from, to] = [drawn[`${letter}0`], drawn[`${letter}1`]].sort((a, b) => a - b);
        compare('shape', id, letter === 'x' ? box.left : box.bottom, from);
        compare('shape', id, letter === 'x' ? box.right : box.top, to);
      }
    }
    for (const layer of plot.querySelectorAll('.plot > g[transform], .overplot > g[transform]')) {
      const [x, y] = /^(x\d*)(y\d*)$/.exec(layer.classList[0] ?? '')?.slice(1) ?? [];
      if (!x) continue;
      const { e, f } = layer.getScreenCTM();
      const end = (id, at) => {
        const axis = layout[id.replace(/^([xy])/, '$1axis')];
        return axis.l2c ? axis.l2c(axis.r2l(axis.range[at])) : undefined;
      };
      compare('plot layer', x, e, end(x, 0));
      compare('plot layer', y, f, end(y, 1));
    }
    seen.legend = overLegend(plot);
    return seen;
  }

  /** By how many pixels the legend covers the area of the marks. */
  function overLegend(plot) {
    const legend = plot.querySelector('.legend .bg')?.getBoundingClientRect();
    if (!legend || legend.width === 0) return 0;
    const areas = [...plot.querySelectorAll('.nsewdrag')].map(area => area.getBoundingClientRect());
    return Math.max(0, ...areas.map(({ top, bottom }) => Math.min(legend.bottom - top, bottom - legend.top)));
  }

  function lookAt(plots) {
    for (const plot of plots) {
      if (!plot.isConnected || plot.clientWidth === 0 || !plot._fullLayout || !plot.calcdata) continue;
      const chart = plot.closest('[data-testid^=chart-]')?.dataset.testid ?? '?';
      const seen = look(plot);
      if (seen.marks > 0) samples.push({ moment: window.axes.moment, chart, ...seen });
    }
  }

  const changed = new Set();
  new MutationObserver(mutations => {
    for (const { target } of mutations) {
      const plot = target.closest?.('.js-plotly-plot');
      if (plot) changed.add(plot);
    }
  }).observe(document, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ['d', 'transform', 'x', 'y', 'width', 'height']
  });

  window.axes = { moment: 'start', take: () => samples.splice(0) };
  let looked = 0;
  const again = () =>
    requestAnimationFrame(() => {
      // what a person sees now is what was painted in this frame
      setTimeout(() => {
        const all = performance.now() - looked > PAUSE_MS;
        if (all) looked = performance.now();
        lookAt(all ? document.querySelectorAll('.js-plotly-plot') : [...changed]);
        changed.clear();
        again();
      });
    });
  again();
})();
