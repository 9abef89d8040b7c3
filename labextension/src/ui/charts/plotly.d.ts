/** The little of Plotly that chart.ts uses, as plotly_in_parts.cjs hands it over. */
declare module 'plotly.js-cartesian-dist-min' {
  export interface PlotlyAxis {
    readonly type: string;
    /** Whether its range follows the data. */
    readonly autorange?: unknown;
    /** Of the plotted area along the axis, in pixels from the corner of the element, and its length. */
    readonly _offset: number;
    readonly _length: number;
    /** Between values and pixels of the plotted area. */
    p2d(pixel: number): number | string;
    d2p(value: number): number;
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
    /** The layout with all that Plotly has made of it. */
    readonly _fullLayout: { readonly xaxis: PlotlyAxis; readonly yaxis: PlotlyAxis };
    readonly _dragging?: boolean;
    on(event: 'plotly_click', listener: (click: PlotlyClick) => void): void;
    on(event: 'plotly_relayout', listener: (changed: Readonly<Record<string, unknown>>) => void): void;
    on(event: 'plotly_relayouting' | 'plotly_afterplot' | 'plotly_doubleclick', listener: () => void): void;
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
