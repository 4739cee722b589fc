import { expect, test } from 'vitest';
import { diff, folded } from './diff';

const told = (before: string, after: string) => diff(before, after).map(({ kind, text }) => `${kind === 'same' ? ' ' : kind === 'gone' ? '-' : '+'}${text}`);

test('what stayed, went and came', () => {
    expect(told('a\nb\nc', 'a\nx\nc')).toEqual([' a', '-b', '+x', ' c']);
    expect(told('a\nb', 'a\nb')).toEqual([' a', ' b']);
    expect(told('a', 'a\nb')).toEqual([' a', '+b']);
    expect(told('a\nb\nc\nd', 'b\nd\ne')).toEqual(['-a', ' b', '-c', ' d', '+e']);
});

test('long stretches are folded', () => {
    const lines = diff(`x\n${'same\n'.repeat(20)}y`, `z\n${'same\n'.repeat(20)}y`);
    expect(folded(lines, 2).map((line) => line?.text ?? '…')).toEqual(['x', 'z', 'same', 'same', '…']);
});
