import type { Traveller } from './traveller';

export interface TourStep {
  title: string;
  run(traveller: Traveller): Promise<void>;
}
