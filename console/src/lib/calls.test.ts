import { expect, test } from 'vitest';
import { curl, masked } from './calls.svelte';

test('secrets in bodies are masked, at any depth', () => {
    expect(masked({ resource: [{ name: 'db', config: { host: 'h', password: 'p', options: { client_secret: 's' } } }] })).toEqual({
        resource: [{ name: 'db', config: { host: 'h', password: '**********', options: { client_secret: '**********' } } }],
    });
});

test('what only sounds like a secret stays: switches and nothing', () => {
    expect(masked({ password: null, allow_token: true })).toEqual({ password: null, allow_token: true });
});

test('a call becomes a line for a shell, with its quotes kept', () => {
    expect(curl({ verb: 'POST', url: '/api/v2/x', body: `{"a":"it's"}` }, 'http://h')).toBe(
        `curl -X POST 'http://h/api/v2/x' -H "X-DreamFactory-Session-Token: $TOKEN" -H 'Content-Type: application/json' -d '{"a":"it'\\''s"}'`,
    );
});

test('a file that was sent is named, not told', () => {
    expect(curl({ verb: 'POST', url: '/api/v2/files/a.txt', body: '(file)', file: { name: 'a.txt', type: 'text/plain' } }, 'http://h')).toBe(
        `curl -X POST 'http://h/api/v2/files/a.txt' -H "X-DreamFactory-Session-Token: $TOKEN" -H 'Content-Type: text/plain' --data-binary '@a.txt'`,
    );
});
