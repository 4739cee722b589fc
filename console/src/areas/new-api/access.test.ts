import { expect, test } from 'vitest';
import { accessRows, firstReadable, grantsAnything, maskOf, readOnly } from './access';

const rows = (tables: Parameters<typeof accessRows>[1]) => accessRows(7, tables).map(({ component, verb_mask }) => [component, verb_mask]);

test('nothing but reading, unless asked for', () => {
    expect(rows(readOnly(['a', 'b']))).toEqual([['_table/*', 1]]);
    expect(rows([])).toEqual([['_table/*', 1]]);
    expect(accessRows(7, [])[0]).toMatchObject({ service_id: 7, requestor_mask: 3 });
});

test('tables that differ get rows of their own, those left out get none', () => {
    const [a, b, c] = readOnly(['a', 'b', 'c']);
    if (!a || !b || !c) throw new Error('three tables');
    expect(rows([a, { ...b, write: true }, { ...c, chosen: false }])).toEqual([
        ['_table/a/*', 1],
        ['_table/b/*', 15],
    ]);
    expect(rows([a, { ...b, read: false }])).toEqual([['_table/a/*', 1]]);
});

test('switches are verbs', () => {
    expect(maskOf({ read: true, write: true, delete: true })).toBe(31);
    expect(maskOf({ read: false, write: true, delete: false })).toBe(14);
});

test('what can be read first', () => {
    const [a, b] = readOnly(['a', 'b']);
    if (!a || !b) throw new Error('two tables');
    expect(firstReadable([{ ...a, chosen: false }, b])).toBe('b');
    expect(grantsAnything([{ ...a, read: false }, { ...b, chosen: false }])).toBe(false);
});
