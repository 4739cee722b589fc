import { expect, test } from 'vitest';
import { advise, type Setup } from './advisors';

const nothing: Setup = { apps: [], roles: [], lookups: [], cors: [], system: 1, location: { protocol: 'https:', hostname: 'api.example.com' } };
const role = (id: number, rows: [number | null, string, number][], is_active = true) => ({
    id,
    name: `role${id}`,
    is_active,
    role_service_access_by_role_id: rows.map(([service_id, component, verb_mask]) => ({ service_id, component, verb_mask })),
});
const app = (id: number, role_id: number | null, name = `app${id}`) => ({ id, name, is_active: true, role_id });
const rules = (setup: Partial<Setup>) => advise({ ...nothing, ...setup }).map(({ rule, name, href }) => [rule, name, href]);

test('a sound setup has no findings', () => {
    expect(rules({ apps: [app(1, 1), app(2, null, 'admin')], roles: [role(1, [[8, '*', 1]])] })).toEqual([]);
});

test('roles that allow too much, or nothing', () => {
    expect(rules({ roles: [role(1, [[null, '*', 31]]), role(2, [[1, '*', 3]]), role(3, [[null, '*', 31]], false), role(4, [[1, '*', 1]])] })).toEqual([
        ['role-everything', 'role1', '/roles/1'],
        ['role-writes-system', 'role2', '/roles/2'],
    ]);
    expect(rules({ roles: [role(5, [])], apps: [app(1, 5)] })).toEqual([['role-empty', 'role5', '/roles/5']]);
});

test('keys without a role, or with one that is switched off', () => {
    expect(rules({ apps: [app(1, null), { ...app(2, null), is_active: false }, app(3, 9)], roles: [role(9, [[8, '*', 1]], false)] })).toEqual([
        ['role-of-key-off', 'app3', '/apps/3'],
        ['key-without-role', 'app1', '/apps/1'],
    ]);
});

test('secrets that anybody with the right to read lookups can see', () => {
    const lookups = [
        { id: 1, name: 'db_password', private: false },
        { id: 2, name: 'api_key', private: true },
        { id: 3, name: 'region', private: false },
    ];
    expect(rules({ lookups })).toEqual([['lookup-readable', 'db_password', '/lookups/1']]);
});

test('the way to the server', () => {
    const cors = [{ id: 4, path: '*', origin: '*', enabled: true, supports_credentials: true }];
    expect(rules({ cors, location: { protocol: 'http:', hostname: 'api.internal' } })).toEqual([
        ['cors-anybody', '*', '/cors/4'],
        ['no-tls', 'api.internal', '/settings/system'],
    ]);
    expect(rules({ location: { protocol: 'http:', hostname: '127.0.0.1' } })).toEqual([]);
});
