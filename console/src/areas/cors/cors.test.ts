import { expect, test } from 'vitest';
import { answer, curl, fits, type CorsRow } from './cors';

const row = (more: Partial<CorsRow>): CorsRow => ({
    id: 1, path: 'api/*', description: null, origin: 'https://a.com', header: 'X-A, X-B', exposed_header: null, method: ['GET'], max_age: 60,
    supports_credentials: false, enabled: true, last_modified_date: '', ...more,
});
const ask = (rows: CorsRow[], origin = 'https://a.com', method = 'GET', path = '/api/v2/db') => answer(rows, { path, origin, method });

test('paths by stars, without case, and by regular expressions', () => {
    expect(fits('API/*', '/api/v2')).toBe(true);
    expect(fits('api/*/db', 'api/v2/db')).toBe(true);
    expect(fits('api', 'api/v2')).toBe(false);
    expect(fits('a.i/*', 'api/v2')).toBe(false);
    expect(fits('^/api/v\\d', 'api/v2')).toBe(true);
    expect(fits('^(', 'api')).toBe(false);
});

test('the longest path decides alone', () => {
    expect(ask([row({}), row({ id: 2, path: 'api/v2/*', method: [] })]).rule?.id).toBe(2);
    expect(ask([row({}), row({ id: 2, path: 'api/v2/*', enabled: false })]).rule?.id).toBe(1);
    expect(ask([], 'https://a.com').allowed).toBe(false);
});

test('origins: all, one, some', () => {
    expect(ask([row({ origin: '*' })], 'https://x.com')).toMatchObject({ told: '*', allowed: true });
    expect(ask([row({ origin: '*', supports_credentials: true })], 'https://x.com').told).toBe('https://x.com');
    expect(ask([row({})], 'https://x.com')).toMatchObject({ told: 'https://a.com', allowed: false });
    expect(ask([row({ origin: 'https://a.com, https://*.b.com' })], 'https://x.b.com').allowed).toBe(true);
    expect(ask([row({ origin: 'https://a.com, https://*.b.com' })], 'https://b.com')).toMatchObject({ told: undefined, headers: [] });
});

test('the method must be listed', () => {
    expect(ask([row({})], 'https://a.com', 'POST')).toMatchObject({ methodAllowed: false, allowed: false });
    expect(ask([row({})]).headers).toContainEqual(['access-control-allow-headers', 'X-A, X-B']);
});

test('the command cannot be left', () => {
    expect(curl('http://h', { path: '/a', origin: "x'y", method: 'GET' })).toContain(`'Origin: x'\\''y'`);
});
