// Chart templates as the kernel sends them: Plotly figures whose data are references to the tables.
const STATES = { complete: '#0072B2', pruned: '#E69F00', running: '#009E73' };
const margin = { l: 44, r: 10, t: 26, b: 34 };
const top = { orientation: 'h', x: 0, y: 1, yref: 'container', xanchor: 'left', yanchor: 'top', font: { size: 11 } };
const title = text => ({ title: { text, font: { size: 12 }, standoff: 6 } });

const trialsOf = state => ({
  type: 'scatter',
  mode: 'markers',
  name: state,
  x: { $column: 'trials.number', state: [state] },
  y: { $column: 'trials.value', state: [state] },
  marker: { color: STATES[state], size: 6, opacity: 0.75 }
});

const history = {
  data: [
    trialsOf('complete'),
    trialsOf('pruned'),
    {
      type: 'scatter',
      mode: 'lines',
      name: 'best so far',
      x: { $column: 'trials.number' },
      y: { $column: 'trials.best' },
      line: { color: '#CC79A7', width: 2, shape: 'hv' }
    }
  ],
  layout: { margin, legend: top, xaxis: title('trial'), yaxis: title({ $status: 'metric' }), hovermode: 'closest' }
};

const curvesOf = (state, width, opacity) => ({
  type: 'scatter',
  mode: 'lines',
  name: state,
  x: { $column: 'points.step', state: [state], gap: true },
  y: { $column: 'points.value', state: [state], gap: true },
  text: { $column: 'points.number', state: [state], gap: true },
  hovertemplate: 'trial %{text}, step %{x}: %{y:.4f}<extra></extra>',
  line: { color: STATES[state], width },
  opacity
});

const curves = {
  data: [curvesOf('pruned', 1, 0.5), curvesOf('complete', 1.2, 0.7), curvesOf('running', 2, 1)],
  layout: { margin, legend: top, xaxis: title('step'), yaxis: title({ $status: 'metric' }), hovermode: 'closest' }
};

const landscape = (values, colorscale) => ({
  data: [
    {
      type: 'heatmap',
      x: { $landscape: 'x_values' },
      y: { $landscape: 'y_values' },
      z: { $landscape: values },
      colorscale,
      zsmooth: 'best',
      colorbar: { thickness: 10, outlinewidth: 0, tickfont: { size: 10 }, xpad: 4 }
    },
    {
      type: 'scatter',
      mode: 'markers',
      x: { $landscape: 'trials.x' },
      y: { $landscape: 'trials.y' },
      text: { $landscape: 'trials.number' },
      hovertemplate: 'trial %{text}<extra></extra>',
      marker: { size: 5, color: 'white', line: { color: '#222', width: 1 } }
    },
    {
      type: 'scatter',
      mode: 'markers',
      x: { $landscape: 'best.x' },
      y: { $landscape: 'best.y' },
      hovertemplate: 'best<extra></extra>',
      marker: { size: 14, symbol: 'star', color: '#CC79A7', line: { color: 'white', width: 1.5 } }
    }
  ],
  layout: {
    margin: { ...margin, t: 6 },
    showlegend: false,
    xaxis: { ...title({ $landscape: 'x' }), type: { $landscape: 'x_type' }, showgrid: false, zeroline: false },
    yaxis: { ...title({ $landscape: 'y' }), type: { $landscape: 'y_type' }, showgrid: false, zeroline: false }
  }
});

export const templates = {
  history,
  curves,
  landscape_mean: landscape('mean', 'Viridis'),
  landscape_deviation: landscape('deviation', 'Cividis'),
  landscape_acquisition: landscape('acquisition', 'Magma')
};
