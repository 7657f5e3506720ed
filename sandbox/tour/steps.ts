import type { Backend } from '../terminal/options';
import { answerSteps } from './answer-steps';
import { consentSteps } from './consent-steps';
import { formSteps } from './form-steps';
import { readingSteps, recordSteps } from './record-steps';
import type { TourStep } from './step';

/** The whole journey, in the order in which it is told. */
export function stepsFor(backend: Backend): TourStep[] {
  if (backend === 'oauth') return [...consentSteps, ...readingSteps];
  return [...answerSteps, ...formSteps, ...recordSteps, ...readingSteps];
}
