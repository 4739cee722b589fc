import { expect, test } from 'vitest';
import type { Field } from '../../lib/tables';
import { alike, defaultText, identity, isEditable, isLong, kind, shown, typed } from './cells';

function field(given: Partial<Field>): Field {
    return { name: 'f', type: 'string', db_type: 'varchar', is_primary_key: false, auto_increment: false, is_virtual: false, default: null, ...given } as Field;
}

test('typed text becomes a value of the field', () => {
    expect(typed(field({ type: 'integer' }), '42')).toBe(42);
    expect(typed(field({ type: 'integer' }), ' ')).toBeNull();
    expect(typed(field({ type: 'integer' }), 'many')).toBe('many');
    expect(typed(field({ type: 'bigint' }), '9007199254740993')).toBe('9007199254740993');
    expect(typed(field({ type: 'decimal' }), '1.50')).toBe('1.50');
    expect(typed(field({ type: 'boolean' }), 'false')).toBe(false);
    expect(typed(field({ type: 'boolean' }), '')).toBeNull();
    expect(typed(field({ type: 'string' }), '')).toBe('');
    expect(typed(field({ type: 'uuid' }), '')).toBeNull();
});

test('what is shown and where', () => {
    expect(kind(field({ type: 'string', db_type: 'json' }))).toBe('json');
    expect(shown('a\n b')).toBe('a ↵ b');
    expect(shown('x'.repeat(200))).toHaveLength(161);
    expect(isLong(field({}), 'a\nb')).toBe(true);
    expect(isLong(field({}), 'a')).toBe(false);
    expect(defaultText(field({ default: { expression: 'CURRENT_TIMESTAMP' } }))).toBe('CURRENT_TIMESTAMP');
    expect(defaultText(field({ default: 0 }))).toBe('0');
});

test('keys of rows that are there stay', () => {
    const key = field({ is_primary_key: true });
    expect([isEditable(key, false), isEditable(key, true)]).toEqual([false, true]);
    expect(isEditable(field({ auto_increment: true }), false)).toBe(false);
    expect(isEditable(field({ is_virtual: true }), true)).toBe(false);
});

test('rows and values are told apart', () => {
    expect(identity({ a: 1, b: 'x,y' }, ['a', 'b'])).toBe('[1,"x,y"]');
    expect(alike(1, '1')).toBe(true);
    expect(alike('', null)).toBe(false);
});
