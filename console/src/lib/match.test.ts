import { expect, test } from 'vitest';
import { match, type Route } from './match';

const route = (path: string): Route => ({ path, title: () => path, load: async () => ({ default: (() => ({})) as never }) });
const routes = [route('/'), route('/apps'), route('/apps/new'), route('/apps/:id'), route('/files/:service/*')];

test('the first route that fits counts', () => {
    expect(match(routes, '/')?.route.path).toBe('/');
    expect(match(routes, '/apps/')?.route.path).toBe('/apps');
    expect(match(routes, '/apps/new')?.route.path).toBe('/apps/new');
    expect(match(routes, '/apps/7')).toMatchObject({ params: { id: '7' } });
});

test('parameters are decoded, also where the address is broken', () => {
    expect(match(routes, '/apps/a%20b')?.params).toEqual({ id: 'a b' });
    expect(match(routes, '/apps/%E0%A4')?.params).toEqual({ id: '%E0%A4' });
});

test('a star takes the rest of the path', () => {
    expect(match(routes, '/files/local/a/b%2Fc')?.params).toEqual({ service: 'local', rest: 'a/b/c' });
    expect(match(routes, '/files/local')?.params).toEqual({ service: 'local', rest: '' });
    expect(match(routes, '/files')).toBeUndefined();
});

test('an address that nothing fits means nothing', () => {
    expect(match(routes, '/nowhere')).toBeUndefined();
});
