/** The few functions of Plotly that chart.ts calls. */
declare module 'plotly.js-cartesian-dist-min' {
  interface Plotly {
    react(
      target: HTMLElement,
      data: readonly unknown[],
      layout: Readonly<Record<string, unknown>>,
      config: Readonly<Record<string, unknown>>
    ): Promise<unknown>;
    purge(target: HTMLElement): void;
    Plots: { resize(target: HTMLElement): Promise<unknown> | undefined };
  }
  const plotly: Plotly;
  export default plotly;
}
