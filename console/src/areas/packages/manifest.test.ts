import { expect, test } from 'vitest';
import { asked, parts } from './manifest';

const manifest = {
    service: {
        system: { role: ['reader'], app: [], admin: [{ email: 'ada@example.com', username: 'ada' }] },
        db: { reachable: true, _schema: ['a', 'b'], _table: ['a', 'b'] },
        far: { reachable: false, _schema: [], _table: [] },
    },
};

test('empty parts are left out, unreachable services are not', () => {
    expect(parts(manifest).map(({ service, resource, names }) => [service, resource, names.length])).toEqual([
        ['system', 'role', 1],
        ['system', 'admin', 1],
        ['db', '_schema', 2],
        ['db', '_table', 2],
        ['far', '_schema', 0],
        ['far', '_table', 0],
    ]);
});

test('only what was chosen is asked for, people by their e-mail', () => {
    const chosen = new Map([
        ['system/admin', new Set(['ada@example.com'])],
        ['db/_schema', new Set(['b'])],
    ]);
    expect(asked(parts(manifest), chosen)).toEqual({ system: { admin: ['ada@example.com'] }, db: { _schema: ['b'] } });
});
