import { describe, expect, test } from 'vitest';
import { MASK, changedValues, defaults, differing, forCreation, grouped, isShown, missing, referenceOf, review, type FieldSchema } from './schema';

const field = (name: string, more: Partial<FieldSchema> = {}): FieldSchema => ({ name, label: name.toUpperCase(), type: 'string', ...more });

const schema = [
    field('timezone'),
    field('cache_ttl', { type: 'integer', default: 0 }),
    field('password', { type: 'password' }),
    field('sslmode'),
    field('database', { required: true }),
    field('host', { required: true }),
    field('statements', { type: 'array', items: 'string' }),
    field('strange', { type: 'hologram' }),
    field('owner', { required: true }),
];

describe('a form of a schema', () => {
    test('has every field, in its group, connections first', () => {
        const groups = grouped(schema);
        expect(groups.map(({ key, fields }) => [key, fields.map(({ name }) => name)])).toEqual([
            ['basics', ['host', 'database', 'password', 'owner']],
            ['security', ['sslmode']],
            ['caching', ['cache_ttl']],
            ['advanced', ['timezone', 'statements', 'strange']],
        ]);
    });

    test('does not fold a few fields, and follows an overlay', () => {
        expect(grouped([field('a'), field('b')]).map(({ key }) => key)).toEqual(['basics']);
        expect(grouped(schema, { timezone: { group: 'basics' }, nowhere: { group: 'basics' } })[0]?.fields.map(({ name }) => name)).toContain('timezone');
    });

    test('hides a field by a condition, and does not ask for it', () => {
        const overlay = { owner: { show_if: { field: 'sslmode', in: ['verify-ca'] } } };
        expect(isShown(field('owner'), { sslmode: 'prefer' }, overlay)).toBe(false);
        expect(missing(schema, { host: 'h', database: 'd', sslmode: 'prefer' }, overlay)).toEqual([]);
        expect(missing(schema, { host: 'h', sslmode: 'verify-ca' }, overlay)).toEqual(['database', 'owner']);
    });

    test('sends what changed, lists whole, and never the mask', () => {
        const before = { host: 'a', password: MASK, statements: ['x'], timezone: 'UTC', unknown: { deep: 1 } };
        const now = { host: 'b', password: MASK, statements: ['x', 'y'], timezone: '', unknown: { deep: 1 } };
        expect(changedValues(before, now)).toEqual({ host: 'b', statements: ['x', 'y'], timezone: null });
        expect(changedValues(before, { ...before, password: 'new' })).toEqual({ password: 'new' });
        expect(forCreation({ host: 'a', port: null, password: '', cache_enabled: false })).toEqual({ host: 'a', cache_enabled: false });
    });

    test('reviews changes without telling secrets', () => {
        const before = { host: 'a', password: MASK };
        expect(review(schema, before, { host: 'b', password: 'geheim' })).toEqual([
            { name: 'host', label: 'HOST', before: 'a', after: 'b', secret: false },
            { name: 'password', label: 'PASSWORD', before: '', after: '', secret: true },
        ]);
    });

    test('counts what differs from the default', () => {
        expect(differing(schema, { ...defaults(schema), cache_ttl: 0, statements: [] })).toBe(0);
        expect(differing(schema, { cache_ttl: 5, timezone: 'UTC' })).toBe(2);
    });

    test('knows numbers that mean records', () => {
        expect(referenceOf(field('open_reg_role_id', { type: 'integer' }))).toBe('role');
        expect(referenceOf(field('invite_email_service_id', { type: 'integer' }))).toBe('service');
        expect(referenceOf(field('invite_email_template_id', { type: 'integer' }))).toBe('email_template');
        expect(referenceOf(field('port', { type: 'integer' }))).toBeUndefined();
    });
});
