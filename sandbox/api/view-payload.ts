import { stateValues } from '../blocks/values';
import { toObjects } from '../json';
import type { OpenView } from '../state/screens';
import type { JsonObject } from '../types';

/** The view as the app gets to see it: with the state of its inputs. */
export function toViewPayload(open: OpenView): JsonObject {
  return { ...open.view, state: { values: stateValues(toObjects(open.view.blocks), open.values) } };
}
