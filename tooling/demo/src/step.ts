/** One line of the demo. */
export interface Step {
  readonly step: string;
  readonly expected: string;
  /** In words, as a person would see it. */
  readonly happened: string;
  readonly asExpected: boolean;
}
