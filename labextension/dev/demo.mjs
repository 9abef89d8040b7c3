// Opens the built widget on the model of a made-up study, as anywidget would.
import createWidget from '../../jupyter_tune/static/widget.js';
import { FakeModel } from './fake_model.mjs';

const query = new URLSearchParams(location.search);
document.body.dataset.jpThemeLight = String(query.get('theme') !== 'dark');

// the server beside this file writes them with Python, from the one place where charts are made
const traits = await (await fetch(`study.json?${query.has('hostile') ? 'hostile' : ''}`)).json();
const model = new FakeModel({
  ...traits,
  trials: Number(query.get('trials') ?? 60),
  state: query.get('state') ?? 'running',
  allFailed: query.get('failed') === 'all'
});
const widget = createWidget();
widget.initialize({ model });
widget.render({ model, el: document.getElementById('view') });
if (query.has('notice')) model.notify(query.get('notice'));
if (query.has('live')) setInterval(() => model.advance(), 400);
Object.assign(window, { model });
