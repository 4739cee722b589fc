import { describe, expect, test } from 'vitest';
import { SECRET, fieldChanges, restoring, type AuditEntry } from './audit';

const entry = (given: Partial<AuditEntry>): AuditEntry => ({
    id: 1, created_date: '', kind: 'change', action: 'update', user_id: 1, user_email: null, app_id: null, role_id: null, address: null,
    origin: 'api', verb: 'PATCH', service: 'system', path: null, status: null, message: null, resource: 'role', record_id: 3, before: null,
    after: null, times: 1, ...given,
});

describe('fieldChanges', () => {
    test('tells what differs, and secrets always', () => {
        const changes = fieldChanges({ before: { a: 1, b: 2, password: SECRET }, after: { a: 1, b: 3, password: SECRET } });
        expect(changes.map(({ field, secret }) => [field, secret])).toEqual([['b', false], ['password', true]]);
    });

    test('leaves out what is empty in a new record', () => {
        expect(fieldChanges({ before: null, after: { name: 'x', phone: null } }).map(({ field }) => field)).toEqual(['name']);
    });
});

describe('restoring', () => {
    test('an update is written back', () => {
        const call = restoring(entry({ path: 'role/3', before: { description: 'old', other: null } }));
        expect(call).toEqual({ verb: 'PATCH', path: 'system/role/3', body: { description: 'old', other: null }, lost: [] });
    });

    test('a deleted record is made again, without what nobody knows', () => {
        const call = restoring(entry({ action: 'delete', path: 'limit', resource: 'limit', before: { name: 'x', secret: SECRET, verb: null } }));
        expect(call).toEqual({ verb: 'POST', path: 'system/limit', body: { resource: [{ name: 'x' }] }, lost: ['secret'] });
    });

    test('what lives in another record is written through it', () => {
        const call = restoring(entry({ path: 'role/3', resource: 'role_service_access', record_id: 9, before: { verb_mask: 1 } }));
        expect(call).toEqual({ verb: 'PATCH', path: 'system/role/3', body: { role_service_access_by_role_id: [{ id: 9, verb_mask: 1 }] }, lost: [] });
    });

    test('administrators are written where they are', () => {
        expect(restoring(entry({ path: 'admin/5', resource: 'user', record_id: 5, before: { name: 'Ann' } }))?.path).toBe('system/admin/5');
        const assignment = restoring(entry({ path: 'admin/5', resource: 'lookup', record_id: 7, action: 'delete', before: { name: 'a', value: 'b' } }));
        expect(assignment?.body).toEqual({ lookup_by_user_id: [{ name: 'a', value: 'b' }] });
    });

    test('there is nothing to bring back of what was made or refused', () => {
        expect(restoring(entry({ action: 'create', after: { name: 'x' } }))).toBeUndefined();
        expect(restoring(entry({ kind: 'refusal', action: 'refused' }))).toBeUndefined();
    });
});
