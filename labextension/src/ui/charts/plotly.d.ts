/** The little of Plotly that chart.ts uses, as plotly_in_parts.cjs hands it over. */
declare module 'plotly.js-cartesian-dist-min' {
  export interface PlotlyAxis {
    readonly type: string;
    readonly _offset: number;
    p2d(pixel: number): number | string;
  }
  export interface PlotlyPoint {
    readonly data: { readonly type?: string };
    readonly customdata?: unknown;
    /** Of a heat map or contour: row and column. */
    readonly pointNumber?: number | readonly number[];
    readonly xaxis: PlotlyAxis;
    readonly yaxis: PlotlyAxis;
  }
  export interface PlotlyClick {
    readonly points: readonly PlotlyPoint[];
    readonly event: MouseEvent;
  }
  export interface PlotlyElement extends HTMLElement {
    /** As it was drawn last, with what the user has changed since. */
    readonly layout: Readonly<Record<string, unknown>>;
    on(event: 'plotly_click', listener: (click: PlotlyClick) => void): void;
    on(event: 'plotly_relayout', listener: (changed: Readonly<Record<string, unknown>>) => void): void;
    on(event: 'plotly_doubleclick', listener: () => void): void;
  }
  export interface Plotly {
    react(
      target: HTMLElement,
      data: readonly unknown[],
      layout: Readonly<Record<string, unknown>>,
      config: Readonly<Record<string, unknown>>
    ): Promise<unknown>;
    /** Gives a data URL. */
    toImage(
      figure: { readonly data: readonly unknown[]; readonly layout: Readonly<Record<string, unknown>> },
      options: {
        readonly format: 'png' | 'svg';
        readonly width: number;
        readonly height: number;
        readonly scale: number;
      }
    ): Promise<string>;
    purge(target: HTMLElement): void;
  }
  /** Plotly's modules, each after those that it needs; the last one gives Plotly. */
  const parts: readonly (() => unknown)[];
  export default parts;
}
