import { expect, test } from 'vitest';
import { customValue, emptyPerson, personBody } from './person';

test('only what changed is sent', () => {
    const stored = { ...emptyPerson(), email: 'a@x.com', assignments: [{ id: 1, app_id: 4, role_id: 1 }] };
    const now = { ...structuredClone(stored), phone: '1', assignments: [{ app_id: 5, role_id: 1 }] };
    expect(personBody(now, stored, { phone: '1', assignments: now.assignments })).toEqual({
        phone: '1',
        user_to_app_to_role_by_user_id: [{ id: 1, user_id: null }, { app_id: 5, role_id: 1 }],
    });
});

test('a restriction is sent whole, and lifted without parts', () => {
    const stored = { ...emptyPerson(), restricted: true, parts: ['users' as const] };
    expect(personBody({ ...stored, parts: ['users', 'limits'] }, stored, { parts: ['users', 'limits'] })).toEqual({ is_restricted_admin: true, access_by_tabs: ['users', 'limits'] });
    expect(personBody({ ...stored, restricted: false }, stored, { restricted: false })).toEqual({ is_restricted_admin: false, access_by_tabs: [] });
});

test('custom values are lists and objects where they look like it', () => {
    expect(customValue('{"a":1}')).toEqual({ a: 1 });
    expect(customValue('{a}')).toBe('{a}');
    expect(customValue('12')).toBe('12');
});
