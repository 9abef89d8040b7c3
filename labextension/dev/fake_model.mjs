// A model as anywidget gives it to the page, with a made-up study in place of the kernel. It speaks the whole protocol:
// snapshots, deltas with binary columns, and an answer to every request.
const MAX_STEP = 27;
const WORKERS = 4; // at first
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}

export class FakeModel {
  constructor({ trials, state, allFailed, templates, parameters }) {
    this.parameters = parameters;
    this.random = randomFrom(7);
    this.listeners = new Map();
    this.allFailed = allFailed;
    this.state = trials === 0 && state === 'running' ? 'starting' : state;
    this.seq = 0;
    this.workers = WORKERS;
    this.budget = Math.max(60, trials);
    this.elapsed = 0;
    this.slotFree = [];
    this.revision = 0;
    this.ranges = Object.fromEntries(
      parameters.filter(p => p.kind !== 'constant').map(p => [p.name, p.choices ?? [p.low, p.high]])
    );
    this.axes = ['lr', 'momentum'];
    this.held = {};
    this.events = [];
    this.queue = [];
    this.trials = [];
    const running = state === 'ended' || trials < 8 ? 0 : WORKERS;
    for (let number = 0; number < trials; number++) this.finish(this.start(number), number >= trials - running);
    if (trials >= 20 && state === 'running')
      this.change('narrow', 'lr narrowed to 0.001 – 0.03', { ranges: this.ranges });
    if (trials >= 20 && state === 'running') {
      this.ranges = {
        ...this.ranges,
        lr: [0.001, 0.03],
        act: parameters.find(({ name }) => name === 'act').choices.filter(c => c !== 'gelu')
      };
      this.revision++;
      this.enqueue({ lr: 0.0042, width: 96 });
    }
    if (trials === 1 && state === 'running') this.finish(this.trials[0], true);
    this.traits = { templates, parameters, tables: this.snapshot(false) };
  }

  get(trait) {
    return this.traits[trait];
  }

  on(event, callback) {
    this.listeners.set(event, [...(this.listeners.get(event) ?? []), callback]);
  }

  off(event, callback) {
    this.listeners.set(
      event,
      (this.listeners.get(event) ?? []).filter(other => other !== callback)
    );
  }

  emit(message, buffers = []) {
    for (const callback of this.listeners.get('msg:custom') ?? []) callback(message, buffers);
  }

  notify(text) {
    this.emit({ type: 'notice', level: 'info', text });
    this.emit({ type: 'notice', level: 'error', text: 'width: high must be above low, got [64, 64]; try [32, 128]' });
  }

  send(message) {
    setTimeout(() => this.answer(message), 150);
  }

  answer(message) {
    if (message.type === 'snapshot') this.emit({ type: 'snapshot', ...this.snapshot(true) }, this.buffers);
    if (message.type === 'log') this.emit(this.logOf(message.trial));
    if (message.type === 'landscape') [this.axes, this.held] = [[message.x, message.y], message.at ?? {}];
    if (message.type === 'stop') this.state = 'ended';
    if (message.type === 'pause' || message.type === 'resume') {
      const before = this.state;
      this.state = message.type === 'pause' ? 'paused' : 'running';
      this.change(message.type, message.type === 'pause' ? 'paused' : 'resumed', { state: before });
    }
    if (message.type === 'narrow') {
      const words = Object.entries(message.ranges).map(([name, range]) => `${name} narrowed to ${range.join(' – ')}`);
      this.change('narrow', words.join('; '), { ranges: this.ranges });
      this.ranges = { ...this.ranges, ...message.ranges };
      this.revision++;
    }
    if (message.type === 'budget') {
      this.change('budget', `budget: ${message.trials ?? 'no limit of'} trials, ${message.workers} at a time`, {
        budget: this.budget,
        workers: this.workers
      });
      [this.budget, this.workers] = [message.trials, message.workers];
    }
    if (message.type === 'enqueue') this.enqueue(message.params);
    if (message.type === 'halt') {
      const trial = this.trials[message.trial];
      [trial.state, trial.end, trial.reason] = [message.state, this.elapsed, `${message.state} by the user`];
      this.change('halt', `trial ${message.trial} ${message.state}`);
    }
    if (message.type === 'undo') {
      const event = this.events.find(({ seq }) => seq === message.seq);
      Object.assign(this, event.before);
      event.before = undefined;
      this.queue = this.queue.filter(({ seq }) => seq !== message.seq);
      this.revision++;
    }
    if (message.type !== 'log' && message.type !== 'snapshot') this.sendDelta(this.trials, []);
  }

  /** Something a person did; `before` is what undoing it brings back. */
  change(kind, text, before) {
    const seq = 1000 + this.events.length;
    this.events.push({ seq, kind, text, before, at_s: this.elapsed, trial: this.trials.length - 1 });
    return seq;
  }

  enqueue(params) {
    const words = Object.entries(params).map(([name, value]) => `${name} = ${value}`);
    this.queue.push({ seq: this.change('enqueue', `asked for ${words.join(', ')}`, {}), params });
  }

  start(number) {
    const u = () => this.random();
    const [low, high] = this.ranges.lr;
    const near = Math.max(0.15, 1 - number / 40);
    const pull = (x, best) => best + (x - best) * near;
    const lr = low * (high / low) ** pull(u(), 0.62);
    const momentum = 1 - 0.01 ** pull(u(), 0.5);
    const params = {
      lr,
      momentum,
      width: Math.round(10 * 100 ** pull(u(), 0.6)),
      dropout: Math.round(10 * u()) / 20,
      act: this.ranges.act[Math.floor(u() * this.ranges.act.length)],
      nesterov: u() < 0.5
    };
    Object.assign(params, this.queue.shift()?.params);
    const [slot, start] = [number % this.workers, this.slotFree[number % this.workers] ?? 0];
    const trial = { number, state: 'running', params, points: [], error: '', reason: '', duration: 0, slot, start };
    trial.top = 0.97 - this.loss(params) - 0.02 * u();
    this.trials.push(trial);
    return trial;
  }

  loss({ lr, momentum, width, act }) {
    const a = Math.log10(lr) + 2.1;
    const b = Math.log10(1 - momentum) + 1;
    const c = Math.log10(width) - 2.2;
    return 0.05 * a * a + 0.06 * b * b + 0.04 * a * b + 0.03 * c * c + (act !== 'relu' ? 0.03 : 0);
  }

  step(trial) {
    const step = trial.points.length + 1;
    trial.points.push({ step, value: trial.top * (1 - Math.exp(-step / 5)) + 0.008 * (this.random() - 0.5) });
    trial.duration += 0.9 + 0.4 * this.random();
  }

  finish(trial, keepsRunning) {
    if (this.allFailed || (trial.number % 17 === 11 && !keepsRunning)) {
      trial.state = 'failed';
      trial.error = 'RuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB';
      if (trial.number % 2) trial.error = "ValueError: <b>width</b> must be divisible by 8, got '13'";
      trial.duration = 1.4;
      this.end(trial);
      return;
    }
    const rung = [3, 9, MAX_STEP, MAX_STEP][Math.floor(4 * this.random())];
    const last = keepsRunning ? 2 + Math.floor(12 * this.random()) : trial.number === 0 ? MAX_STEP : rung;
    while (trial.points.length < last) this.step(trial);
    if (keepsRunning) return;
    trial.state = last === MAX_STEP ? 'complete' : 'pruned';
    if (trial.state === 'pruned') trial.reason = `not among the best at step ${last}`;
    this.end(trial);
  }

  end(trial) {
    trial.end = trial.start + trial.duration;
    this.slotFree[trial.slot] = trial.end + 0.2;
    this.elapsed = Math.max(this.elapsed, trial.end);
  }

  /** One beat of a live study: every running trial reports, some end, others start. */
  advance() {
    if (this.state !== 'running' && this.state !== 'starting') return;
    this.state = 'running';
    this.elapsed += 0.4;
    const touched = new Set();
    while (this.trials.filter(t => t.state === 'running').length < this.workers && this.trials.length < this.budget) {
      const trial = this.start(this.trials.length);
      trial.start = this.elapsed;
      touched.add(trial);
    }
    for (const trial of this.trials.filter(t => t.state === 'running')) {
      this.step(trial);
      touched.add(trial);
      const at = trial.points.length;
      if (at === MAX_STEP) trial.state = 'complete';
      else if ((at === 3 || at === 9) && this.random() < 0.5 && trial.number > 0) trial.state = 'pruned';
      if (trial.state !== 'running') trial.end = this.elapsed;
    }
    if (touched.size === 0) this.state = 'ended';
    const newPoints = [...touched].flatMap(t => t.points.slice(-1).map(p => ({ number: t.number, ...p })));
    // A new best also changes the best-so-far of every later trial, so their rows go along.
    this.sendDelta(this.trials, newPoints);
  }

  sendDelta(trials, points) {
    this.buffers = [];
    const base = this.seq++;
    this.emit(
      {
        type: 'delta',
        seq: this.seq,
        base,
        status: this.status(),
        trials: this.trialColumns(trials, true),
        points: this.pointColumns(points, true),
        events: this.eventColumns(),
        landscape: this.landscape()
      },
      this.buffers
    );
  }

  snapshot(binary) {
    this.buffers = [];
    const points = this.trials.slice(-200).flatMap(t => t.points.map(p => ({ number: t.number, ...p })));
    return {
      seq: this.seq,
      status: this.status(),
      trials: this.trialColumns(this.trials, binary),
      points: this.pointColumns(points, binary),
      events: this.eventColumns(),
      landscape: this.landscape()
    };
  }

  eventColumns() {
    const column = get => this.events.map(get);
    return {
      seq: column(e => e.seq),
      at_s: column(e => e.at_s),
      trial: column(e => e.trial),
      kind: column(e => e.kind),
      text: column(e => e.text),
      undoable: column(e => e.before !== undefined)
    };
  }

  errors() {
    const groups = new Map();
    for (const { number, error } of this.trials) if (error) groups.set(error, [...(groups.get(error) ?? []), number]);
    return [...groups].map(([text, trials]) => ({ text, count: trials.length, trials: trials.slice(0, 5) }));
  }

  status() {
    const counts = { waiting: 0, running: 0, complete: 0, pruned: 0, failed: 0, cancelled: 0 };
    for (const { state } of this.trials) counts[state]++;
    const best = this.bestTrial();
    return {
      state: this.state,
      name: 'mnist-mlp',
      metric: 'accuracy',
      direction: 'maximize',
      trials: this.budget,
      counts,
      best: best && { number: best.number, value: this.valueOf(best), params: best.params, at_s: best.end },
      elapsed_s: this.elapsed,
      eta_s: this.trials.length > 3 ? (this.elapsed / this.trials.length) * (this.budget - this.trials.length) : null,
      workers: this.workers,
      shown: this.trials.length,
      queue: this.queue,
      errors: this.errors(),
      max_steps: MAX_STEP,
      steps_done: this.trials.reduce((sum, t) => sum + t.points.length, 0),
      steps_full: MAX_STEP * this.trials.length,
      reason: this.state === 'ended' ? 'All trials of the budget have finished.' : '',
      revision: this.revision,
      ranges: this.ranges
    };
  }

  valueOf({ state, points }) {
    if (state !== 'complete' && state !== 'pruned') return null;
    return Math.max(...points.map(p => p.value));
  }

  bestTrial() {
    const done = this.trials.filter(t => this.valueOf(t) !== null);
    return done.sort((a, b) => this.valueOf(b) - this.valueOf(a))[0] ?? null;
  }

  number(values, binary) {
    if (!binary) return values;
    this.buffers.push(new DataView(new Float64Array(values.map(v => v ?? NaN)).buffer));
    return { buffer: this.buffers.length - 1 };
  }

  trialColumns(trials, binary) {
    let top = -Infinity;
    const bestSoFar = new Map(this.trials.map(t => [t, (top = Math.max(top, this.valueOf(t) ?? -Infinity))]));
    const numbers = get => this.number(trials.map(get), binary);
    const columns = {
      number: numbers(t => t.number),
      state: trials.map(t => t.state),
      value: numbers(t => this.valueOf(t)),
      best: numbers(t => (Number.isFinite(bestSoFar.get(t)) ? bestSoFar.get(t) : null)),
      last: numbers(t => t.points.at(-1)?.value ?? null),
      step: numbers(t => t.points.at(-1)?.step ?? null),
      duration_s: numbers(t => t.duration),
      slot: numbers(t => t.slot),
      start_s: numbers(t => t.start),
      end_s: numbers(t => (t.state === 'running' ? null : t.end)),
      source: trials.map(t => (t.number === 0 ? 'default' : t.number < 8 ? 'sobol' : 'gp')),
      revision: numbers(() => this.revision),
      error: trials.map(t => t.error),
      reason: trials.map(t => t.reason)
    };
    for (const name of ['lr', 'momentum', 'width', 'dropout']) columns[`p:${name}`] = numbers(t => t.params[name]);
    for (const name of ['act', 'nesterov']) columns[`p:${name}`] = trials.map(t => t.params[name]);
    return columns;
  }

  pointColumns(points, binary) {
    const column = key =>
      this.number(
        points.map(p => p[key]),
        binary
      );
    return { number: column('number'), step: column('step'), value: column('value') };
  }

  landscape() {
    const done = this.trials.filter(t => t.state === 'complete' || t.state === 'pruned');
    if (done.length < 5) return null;
    const [x, y] = this.axes;
    const [xs, ys] = [this.gridOf(x), this.gridOf(y)];
    const best = this.bestTrial();
    const middle = { ...best.params, ...this.held };
    const grid = of => ys.map(b => xs.map(a => of({ ...middle, [x]: a, [y]: b })));
    const mean = grid(params => 0.97 - this.loss(params));
    const deviation = grid(params => 0.01 + 0.12 * Math.sqrt(this.loss(params)));
    const type = name =>
      name === 'lr' || name === 'width' ? 'log' : typeof this.gridOf(name)[0] === 'string' ? 'category' : 'linear';
    return {
      x,
      y,
      x_values: xs,
      y_values: ys,
      x_type: type(x),
      y_type: type(y),
      mean,
      deviation,
      acquisition: mean.map((row, i) => row.map((m, j) => Math.max(0, m - 0.93 + 1.2 * deviation[i][j]))),
      trials: {
        x: done.slice(-60).map(t => t.params[x]),
        y: done.slice(-60).map(t => t.params[y]),
        number: done.slice(-60).map(t => t.number),
        value: done.slice(-60).map(t => this.valueOf(t))
      },
      at: Object.fromEntries(Object.entries(middle).filter(([name]) => name !== x && name !== y)),
      slice_x: this.slice(x, xs, middle),
      slice_y: this.slice(y, ys, middle),
      importances: {
        names: ['lr', 'momentum', 'width', 'act', 'dropout', 'nesterov'],
        mean: [0.52, 0.31, 0.12, 0.06, 0.01, 0.002],
        low: [0.44, 0.25, 0.08, 0.03, 0, 0],
        high: [0.61, 0.38, 0.16, 0.1, 0.03, 0.01],
        note: 'Share of what the model explains that goes with each parameter, alone or with others (total Sobol index).'
      },
      gain: { value: 0.0031, note: 'Expected improvement at the best spot of the present ranges.' },
      best: { x: best.params[x], y: best.params[y] },
      note: `Other parameters as in trial ${best.number}.`
    };
  }

  slice(name, values, middle) {
    const mean = values.map(value => 0.97 - this.loss({ ...middle, [name]: value }));
    const spread = values.map(value => 0.01 + 0.1 * Math.sqrt(this.loss({ ...middle, [name]: value })));
    return {
      values,
      mean,
      low: mean.map((m, i) => m - 1.96 * spread[i]),
      high: mean.map((m, i) => m + 1.96 * spread[i]),
      acquisition: mean.map((m, i) => Math.max(0, m - 0.93 + 1.2 * spread[i]))
    };
  }

  gridOf(name) {
    const { choices, low, high, log } = this.parameters.find(p => p.name === name);
    if (choices) return choices.map(String);
    return Array.from({ length: 30 }, (_, i) => (log ? low * (high / low) ** (i / 29) : low + ((high - low) * i) / 29));
  }

  logOf(number) {
    const trial = this.trials[number];
    const text = trial.points.map(({ step, value }) => `epoch ${step}: accuracy ${value.toFixed(4)}\n`).join('');
    const trace = `Traceback (most recent call last):\n  File "cell", line 8, in <module>\n    train(model)\n${trial.error}`;
    return { type: 'log', trial: number, text, error: trial.error && trace };
  }
}
