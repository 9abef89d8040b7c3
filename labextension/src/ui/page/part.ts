/** A part of the dashboard: it draws what the store holds when told to. */
export interface Part {
  readonly node: HTMLElement;
  readonly draw: () => void;
  /** Ends what would outlive the node: timers and observers. */
  readonly dispose?: () => void;
}
