// What jupyter-builder's configuration lacks for door 2.
module.exports = {
  // the one large part, Plotly, is loaded on demand
  performance: { hints: false },
  module: {
    rules: [{ test: /plotly-cartesian\.min\.js$/, use: [require.resolve('./plotly_in_parts.cjs')] }]
  }
};
