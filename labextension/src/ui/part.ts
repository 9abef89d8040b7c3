/** A part of the dashboard: it draws what the store holds when told to, and cleans up after itself. */
export interface Part {
  readonly node: HTMLElement;
  readonly draw: () => void;
  readonly dispose: () => void;
}
