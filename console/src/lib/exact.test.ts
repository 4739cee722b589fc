import { expect, test } from 'vitest';
import { parseExact } from './exact';

// Older versions of Node do not tell the source of a number; then numbers come as they always did.
const exact = JSON.parse('1.50', (_name, value, context?: { source?: string }) => context?.source ?? value) === '1.50';

test('numbers that fit stay numbers', () => {
    expect(parseExact('{"a":1,"b":-2.5,"c":"x","d":null}')).toEqual({ a: 1, b: -2.5, c: 'x', d: null });
});

test.runIf(exact)('numbers that do not fit keep their digits', () => {
    expect(parseExact('[9007199254740993, 1.50]')).toEqual(['9007199254740993', '1.50']);
});
