import { expect, test } from 'vitest';
import { arrived, former, meant } from './arriving';

test('links of the console that this one is compatible with lead to its own pages', () => {
    expect(former('#/auth/reset-password?code=A1&email=a%40b.c&admin=1')).toBe('/confirm/reset?code=A1&email=a%40b.c&admin=1');
    expect(former('#/auth/user-invite?code=A1')).toBe('/confirm/invite?code=A1');
    expect(former('#/auth/login')).toBe('/login');
    expect(former('#details')).toBeUndefined();
    expect(former('#/services')).toBeUndefined();
});

test('secrets are taken where they belong, and nowhere else', () => {
    expect(arrived('/setup', new URLSearchParams('token=t1&x=1'))).toEqual({ arrival: { setup: 't1' }, taken: ['token'] });
    expect(arrived('/confirm/reset', new URLSearchParams('code=c&email=e'))).toEqual({ arrival: { code: 'c' }, taken: ['code'] });
    expect(arrived('/', new URLSearchParams('session_token=s'))).toEqual({ arrival: { session: 's' }, taken: ['session_token'] });
    expect(arrived('/login', new URLSearchParams('jwt=j&x=1'))).toEqual({ arrival: { session: 'j' }, taken: ['jwt'] });
    expect(arrived('/', new URLSearchParams('session_token=s&jwt=j'))).toEqual({ arrival: { session: 's' }, taken: ['session_token', 'jwt'] });
    expect(arrived('/services', new URLSearchParams('jwt=j&error=e'))).toEqual({ arrival: {}, taken: [] });
    expect(arrived('/services', new URLSearchParams('session_token=s&token=t'))).toEqual({ arrival: {}, taken: [] });
    expect(arrived('/login', new URLSearchParams('error=denied&error_description=No'))).toEqual({
        arrival: { error: 'No' },
        taken: ['error_description', 'error'],
    });
});

test('login providers may lead to where the former console stood', () => {
    const path = (href: string) => meant(`https://own.example${href}`).href.replace('https://own.example', '');
    expect(path('/dreamfactory/dist/?jwt=a.b')).toBe('/?jwt=a.b');
    expect(path('/dreamfactory/dist?error=No')).toBe('/?error=No');
    expect(path('/dreamfactory/dist/#/auth/login?jwt=a.b')).toBe('/login?jwt=a.b');
    expect(path('/dreamfactory/dist/?jwt=a.b#/auth/login')).toBe('/login?jwt=a.b');
    expect(path('/services/5?q=x#details')).toBe('/services/5?q=x#details');
});

test('a long text of an address is shown in part', () => {
    expect(arrived('/', new URLSearchParams({ error: 'x'.repeat(5000) })).arrival.error).toHaveLength(300);
});
