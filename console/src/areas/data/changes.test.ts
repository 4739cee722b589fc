import { expect, test } from 'vitest';
import { ApiError, type Json } from '../../lib/api';
import { refusals, removeRows, setValue, writes, type Change } from './changes';

const row = { id: 1, name: 'Nail', n: '1.50' };

test('a value that is back at what is stored is no change', () => {
    const changed = setValue([], '[1]', row, 'name', 'Bolt');
    expect(changed).toEqual([{ what: 'update', id: '[1]', row, values: { name: 'Bolt' } }]);
    expect(setValue(changed, '[1]', row, 'name', 'Nail')).toEqual([]);
    expect(setValue([], '[1]', row, 'n', '1.50')).toEqual([]);
});

test('null and empty text are two values', () => {
    expect(setValue([], '[1]', { id: 1, name: '' }, 'name', null)).toHaveLength(1);
    expect(setValue([], '[1]', { id: 1, name: null }, 'name', '')).toHaveLength(1);
});

test('a new row that is deleted leaves nothing', () => {
    const added: Change[] = [{ what: 'insert', id: 'new-1', values: {} }];
    expect(removeRows(added, [{ id: 'new-1', row: {} }])).toEqual([]);
    expect(removeRows(setValue([], '[1]', row, 'name', 'Bolt'), [{ id: '[1]', row }])).toEqual([{ what: 'delete', id: '[1]', row }]);
});

test('the calls are one for each verb, by the whole key', () => {
    const changes: Change[] = [
        { what: 'insert', id: 'new-1', values: { name: 'Saw' } },
        { what: 'update', id: '[1,2]', row: { a: 1, b: 2, c: 3 }, values: { c: null } },
        { what: 'delete', id: '[3,4]', row: { a: 3, b: 4, c: 5 } },
    ];
    expect(writes(changes, ['a', 'b']).map(({ verb, body }) => [verb, body])).toEqual([
        ['DELETE', { resource: [{ a: 3, b: 4 }] }],
        ['PATCH', { resource: [{ a: 1, b: 2, c: null }] }],
        ['POST', { resource: [{ name: 'Saw' }] }],
    ]);
});

test('refused records are told by their change', () => {
    const [write] = writes([{ what: 'delete', id: '[1]', row }, { what: 'delete', id: '[2]', row: { id: 2 } }], ['id']);
    if (!write) throw new Error('no write');
    const context: Json = { error: [1], resource: [{ id: 1 }, { code: 404, message: "Record with identifier '2' not found." }] };
    const error = new ApiError({ verb: 'DELETE', path: '' }, 400, 'Batch Error', context);
    expect([...refusals(error, write)]).toEqual([['[2]', "Record with identifier '2' not found."]]);
});
