import { expect, test } from 'vitest';
import type { Field, Table } from '../../lib/tables';
import { EMPTY, changed, created, draftOf, editable } from './definition';

test('a new field says what is set', () => {
    expect(created({ ...EMPTY, name: ' title ', length: 60, allow_null: false })).toEqual({ name: 'title', type: 'string', length: 60, allow_null: false });
    expect(created({ ...EMPTY, name: 'id', type: 'id' })).toEqual({ name: 'id', type: 'id' });
    expect(created({ ...EMPTY, name: 'n', type: 'integer', default: '5' })).toMatchObject({ default: 5 });
    expect(created({ ...EMPTY, name: 'at', type: 'datetime', default: 'CURRENT_TIMESTAMP', computed: true })).toMatchObject({ default: { expression: 'CURRENT_TIMESTAMP' } });
    expect(created({ ...EMPTY, name: 'o', type: 'reference', ref_table: 'orders', ref_field: 'id' })).toMatchObject({ is_foreign_key: true, ref_table: 'orders', ref_field: 'id' });
});

test('a virtual field has a function and no column', () => {
    const draft = { ...EMPTY, name: 'up', is_virtual: true, functions: [{ use: ['SELECT'], function: 'UPPER(name)' }] };
    expect(created(draft)).toEqual({ name: 'up', type: 'string', is_virtual: true, db_function: [{ use: ['SELECT'], function: 'UPPER(name)', function_type: 'database' }] });
});

const stored = { name: 'title', type: 'string', label: 'Title', length: 60, precision: null, scale: null, default: 'x', allow_null: true, picklist: ['a', 'b'], validation: { email: { on_fail: 'ignore_field' }, int: { range: { min: 1 } } }, db_function: null, alias: null, description: null, ref_table: null, ref_field: null, is_primary_key: false, is_unique: false, is_index: false, is_virtual: false, is_aggregate: false } as unknown as Field;

test('of a field that is there, what differs is sent', () => {
    const draft = draftOf(stored);
    expect(changed(draft, draftOf(stored))).toEqual({});
    expect(changed({ ...draft, label: 'Name', picklist: 'a\n\nc' }, draft)).toEqual({ label: 'Name', picklist: ['a', 'c'] });
    expect(changed({ ...draft, rules: draft.rules.slice(1) }, draft)).toEqual({ validation: { int: { range: { min: 1 } } } });
    expect(changed({ ...draft, default: '' }, draft)).toEqual({ default: null });
});

test('what follows from the rest is not edited', () => {
    expect(Object.keys(editable({ name: 't', access: 31, is_view: false, field: [] } as unknown as Table))).toEqual(['name', 'field']);
});
