import { expect, test } from 'vitest';
import { destination, providersOf } from './providers';

test('providers are offered by their labels, and only those with a page of their own by a link', () => {
    const oauth = [{ name: 'Hub', label: '', path: 'user/session?service=hub' }];
    const saml = [{ name: 'okta', label: 'Okta', path: 'okta/sso' }];
    expect(providersOf({ oauth, saml }, '/api/v2')).toEqual([
        { name: 'Hub', label: 'Hub' },
        { name: 'okta', label: 'Okta', href: '/api/v2/okta/sso' },
    ]);
    expect(providersOf({ oauth: [], saml: [] }, '/api/v2')).toEqual([]);
});

test('a login leads to pages of the web only', () => {
    const to = (url: unknown) => destination({ response: { redirect: true, url: url as string } });
    expect(to('https://login.example.com/a?b=c')).toBe('https://login.example.com/a?b=c');
    expect(to('http://127.0.0.1:9/authorize')).toBe('http://127.0.0.1:9/authorize');
    for (const wrong of ['javascript:alert(1)', ' JavaScript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', '//x.example', '/login', '', undefined, 7]) {
        expect(to(wrong), String(wrong)).toBeUndefined();
    }
    expect(destination({})).toBeUndefined();
});
