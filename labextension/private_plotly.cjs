// Plotly's UMD bundle ends by setting window.Plotly; ours must not replace the Plotly another output on the page uses.
// For both bundlers: a function of the source, which is what a loader is.
module.exports = source => {
  const contents = source.replace(/window\.Plotly\s*=\s*Plotly;/, '');
  if (contents === source) throw new Error('Plotly no longer sets window.Plotly: delete private_plotly.cjs');
  return contents;
};
