import { z } from 'zod';
import { answerAsk } from '../answer';
import type { ReadAsk } from '../ask';
import { ids } from '../blocks/ids';
import { toCommandTrigger } from '../trigger';
import { toWords } from './words';

const commandSchema = z.object({
  command: z.literal(ids.command),
  text: z.string().default(''),
  trigger_id: z.string().optional(),
  user_id: z.string(),
  team_id: z.string(),
  enterprise_id: z.string().optional(),
  response_url: z.string().optional(),
});

/** `/permissions request …` */
export const readRequestCommand: ReadAsk = (body, arrival) => {
  const { data: command } = commandSchema.safeParse(body);
  if (command === undefined) return undefined;
  const words = toWords(command.text);
  if (words.command !== 'request') return undefined;
  return {
    trigger: toCommandTrigger(command, arrival),
    what: { scopes: words.scopes },
    responseUrl: command.response_url,
    answer: answerAsk,
  };
};
