import { expect, test } from 'vitest';
import { TYPES, fullest, limitBody, typeOf, userOf, whatOf, whoseOf } from './limit';

test('every type is whose calls of what, and back', () => {
    for (const type of TYPES) expect(typeOf(whoseOf(type), whatOf(type))).toBe(type);
});

test('a role is counted on the whole instance only', () => {
    expect(typeOf('role', 'instance')).toBe('instance.role');
    expect(typeOf('role', 'service')).toBeUndefined();
});

test('selectors that do not count are not sent', () => {
    const form = { whose: 'each_user' as const, what: 'service' as const, name: 'x', user_id: 4, role_id: 2, service_id: 8, endpoint: 'a' };
    expect(limitBody(form)).toEqual({ name: 'x', type: 'instance.each_user.service', user_id: null, role_id: null, service_id: 8, endpoint: null });
});

test('counters', () => {
    const counter = (id: number, attempts: number, max: number, key = '') => ({ id, attempts, max, key, remaining: max - attempts });
    expect(fullest([counter(1, 5, 100), counter(2, 4, 5)])?.id).toBe(2);
    expect(fullest([])).toBeUndefined();
    expect(userOf(counter(1, 0, 1, 'instance.each_user:5.minute'))).toBe(5);
    expect(userOf(counter(1, 0, 1, 'instance.role:5.minute'))).toBeUndefined();
});
