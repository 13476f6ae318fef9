import { usageError } from '../command-error.ts';

/** Makes the parser of an option that is a number of things. */
export function parseCount(flag: string): (text: string) => number {
  return (text) => {
    if (!/^[1-9]\d{0,6}$/.test(text)) throw usageError(`${flag} must be a whole number from 1 to 9999999.`);
    return Number(text);
  };
}
