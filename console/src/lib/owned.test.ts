import { expect, test } from 'vitest';
import { ownedChanges } from './owned';

const stored = [
    { id: 1, name: 'a', filters: [{ name: 'x' }] },
    { id: 2, name: 'b', filters: [] },
];

test('nothing is sent of what is as it was', () => {
    expect(ownedChanges(structuredClone(stored), stored, 'role_id')).toEqual([]);
});

test('new rows have no id, changed ones what differs, removed ones no owner', () => {
    const now = [{ id: 2, name: 'c', filters: [] }, { name: 'd', filters: [] }];
    expect(ownedChanges<{ id?: number; name: string; filters: object[] }>(now, stored, 'role_id')).toEqual([
        { id: 1, role_id: null },
        { id: 2, name: 'c' },
        { name: 'd', filters: [] },
    ]);
});

test('lists inside a row are sent as a whole', () => {
    const now = [{ ...stored[0]!, filters: [{ name: 'x' }, { name: 'y' }] }, stored[1]!];
    expect(ownedChanges(now, stored, 'role_id')).toEqual([{ id: 1, filters: [{ name: 'x' }, { name: 'y' }] }]);
});
