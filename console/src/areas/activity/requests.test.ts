import { expect, test } from 'vitest';
import { KEPT, asked, chosen, kindOf, playground, together, type Entry } from './requests';

const entry = (id: number): Entry => ({ id, service: 'db', verb: 'GET', path: '_table/a?limit=1' }) as Entry;

test('the address says which requests are asked for', () => {
    const filters = chosen(new URLSearchParams('status=5xx&min_ms=100&page=3&path='));
    expect(filters).toEqual({ status: '5xx', min_ms: '100' });
    expect(asked(filters)).toMatchObject({ status: '5xx', limit: 100 });
    expect(asked({}, 0)).toMatchObject({ since_id: 0 });
});

test('new requests come on top, each once, and old ones go', () => {
    expect(together([entry(3), entry(2)], [entry(2), entry(1)]).map(({ id }) => id)).toEqual([3, 2, 1]);
    const many = Array.from({ length: KEPT }, (_, index) => entry(KEPT - index));
    expect(together([entry(KEPT + 1)], many)).toHaveLength(KEPT);
});

test('how they are shown', () => {
    expect([200, 302, 404, 503].map(kindOf)).toEqual(['good', 'neutral', 'warn', 'bad']);
    expect(playground(entry(1))).toBe('/docs/db?try=GET%20_table%2Fa%3Flimit%3D1');
});
