import { answerSteps } from './answer-steps';
import { formSteps } from './form-steps';
import { recordSteps } from './record-steps';
import type { TourStep } from './step';

/** The whole journey, in the order in which it is told. */
export const steps: TourStep[] = [...answerSteps, ...formSteps, ...recordSteps];
