import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { SNIPPET_LANGUAGES, snippet, type SnippetRequest } from './snippets';

const read: SnippetRequest = { verb: 'GET', url: 'https://api.example.com/api/v2/db/_table/dogs?limit=3', headers: { 'X-DreamFactory-API-Key': 'k1' } };
const nasty = `it's "quoted" \\ $HOME \`id\` "## {x}`;
const write: SnippetRequest = {
    verb: 'POST',
    url: 'https://api.example.com/api/v2/db/_table/dogs',
    headers: { 'X-DreamFactory-API-Key': 'k1', 'Content-Type': 'application/json' },
    body: JSON.stringify({ resource: [{ name: nasty, good: true, owner: null, legs: 4 }] }),
};

describe('snippets', () => {
    test('each language names the address, the key and the body', () => {
        for (const { key } of SNIPPET_LANGUAGES) {
            expect(snippet(key, read), key).toContain('/api/v2/db/_table/dogs?limit=3');
            expect(snippet(key, read), key).toContain('k1');
            expect(snippet(key, write), key).toContain('legs');
        }
    });

    test('curl is one line per header, and reads without naming the verb', () => {
        expect(snippet('curl', read)).toBe(
            "curl 'https://api.example.com/api/v2/db/_table/dogs?limit=3' \\\n  -H 'X-DreamFactory-API-Key: k1'",
        );
        expect(snippet('curl', { verb: 'DELETE', url: 'http://h/a[1]', headers: {} })).toBe("curl -X DELETE -g 'http://h/a[1]'");
    });

    test('a shell passes the body of curl on as it is', () => {
        const line = snippet('curl', write).replace(/^curl/, 'printf "%s\\n"');
        const output = execFileSync('sh', ['-c', line], { encoding: 'utf8' });
        expect(output).toContain(`\n${write.body}\n`);
    });

    test('JavaScript sends the same body', async () => {
        const sent: RequestInit[] = [];
        const code = snippet('javascript', write);
        const call = new Function('fetch', 'console', `return (async () => {${code}})()`) as (...given: unknown[]) => Promise<void>;
        await call(async (_: string, init: RequestInit) => (sent.push(init), { ok: true, json: async () => ({}) }), { log() {} });
        expect(sent[0]?.body).toBe(write.body);
        expect(sent[0]?.method).toBe('POST');
    });

    test('Python writes its own words for true and null', () => {
        const code = snippet('python', write);
        expect(code).toContain('"good": True');
        expect(code).toContain('"owner": None');
        expect(code).not.toContain('Content-Type');
    });

    test('numbers that a program would round are sent as text', () => {
        const body = '{"id":12345678901234567890}';
        expect(snippet('python', { ...write, body })).toContain('12345678901234567890');
        expect(snippet('javascript', { ...write, body })).toContain('12345678901234567890');
    });

    test('quotes stay within their literals', () => {
        expect(snippet('php', write)).toContain("it\\'s");
        expect(snippet('rust', write)).toContain('r###"');
        expect(snippet('go', write)).toContain(JSON.stringify(write.body));
        expect(snippet('csharp', write)).toContain(JSON.stringify(write.body));
    });
});
