import { isObject } from '../json';
import type { JsonObject } from '../types';

/** Collects what is wrong, in the words that Slack puts into `response_metadata.messages`. */
export type FaultList = ReturnType<typeof createFaultList>;

export function createFaultList() {
  const messages: string[] = [];

  function add(problem: string, pointer: string): void {
    messages.push(`[ERROR] ${problem} [json-pointer:${pointer}]`);
  }

  function checkLength(value: unknown, max: number, pointer: string): void {
    if (typeof value !== 'string') add('must be a string', pointer);
    else if (value.length > max) add(`must be less than ${max + 1} characters`, pointer);
  }

  /** A text object; undefined is a fault only if it is required. */
  function checkText(holder: JsonObject, field: string, max: number, pointer: string, required = true): void {
    const text = holder[field];
    if (text === undefined || text === null) {
      if (required) add(`missing required field: ${field}`, pointer);
      return;
    }
    const path = `${pointer}/${field}`;
    if (!isObject(text) || typeof text.text !== 'string') add('must provide an object', path);
    else if (text.text === '') add('must be more than 0 characters', `${path}/text`);
    else checkLength(text.text, max, `${path}/text`);
  }

  function checkCount(items: unknown[], max: number, pointer: string): void {
    if (items.length > max) add(`no more than ${max} items allowed`, pointer);
  }

  return { messages, add, checkLength, checkText, checkCount };
}
