import type { JsonObject } from '../../../types';

export interface ElementProps {
  block: JsonObject;
  element: JsonObject;
  /** What the element is called, where its block says so; '' leaves the placeholder as its name. */
  label: string;
  /** The ids of the hint and the error that belong to it. */
  describedBy?: string | undefined;
}
