import { expect, test } from 'vitest';
import { same } from './draft.svelte';

test('absent, null and empty text are the same to a form', () => {
    expect(same(null, '')).toBe(true);
    expect(same(undefined, null)).toBe(true);
    expect(same(0, null)).toBe(false);
    expect(same(false, null)).toBe(false);
});

test('objects are compared by their members, lists by their order', () => {
    expect(same({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] })).toBe(true);
    expect(same({ a: [1, 2] }, { a: [2, 1] })).toBe(false);
    expect(same({ a: 1 }, { a: 1, b: null })).toBe(true);
    expect(same([], {})).toBe(false);
});
