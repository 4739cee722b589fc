// One request as code of several languages, exactly as it would be sent. Every piece of it is quoted by the rules of the
// language, so that no value can become code.

import type { Language } from './editor';

export interface SnippetRequest {
    verb: string;
    /** With the host. */
    url: string;
    headers: Record<string, string>;
    /** The body as it is sent. */
    body?: string | undefined;
}

interface Writer {
    label: string;
    /** What an editor shows it as. */
    editor: Language;
    write: (request: SnippetRequest) => string;
}

const writers = {
    curl: { label: 'curl', editor: 'text', write: curl },
    javascript: { label: 'JavaScript', editor: 'javascript', write: javascript },
    python: { label: 'Python', editor: 'python', write: python },
    php: { label: 'PHP', editor: 'php', write: php },
    csharp: { label: 'C#', editor: 'text', write: csharp },
    go: { label: 'Go', editor: 'text', write: go },
    rust: { label: 'Rust', editor: 'text', write: rust },
} as const satisfies Record<string, Writer>;

export type SnippetLanguage = keyof typeof writers;

/** The languages, in the order in which they are offered. */
export const SNIPPET_LANGUAGES = Object.entries(writers).map(([key, { label, editor }]) => ({
    key: key as SnippetLanguage,
    label,
    editor: editor as Language,
}));

/** The request in a language. */
export function snippet(language: SnippetLanguage, request: SnippetRequest): string {
    return writers[language].write(request);
}

function isContentType(name: string): boolean {
    return name.toLowerCase() === 'content-type';
}

/** The body as a JSON value, where it is one that a number of a program keeps as it is. */
function value(body: string): unknown {
    if (/\d{16}|__proto__/.test(body)) return undefined;
    try {
        return JSON.parse(body);
    } catch {
        return undefined;
    }
}

const indented = (text: string, by: string) => text.replaceAll('\n', `\n${by}`);

function curl({ verb, url, headers, body }: SnippetRequest): string {
    const single = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
    const target = /[[\]{}]/.test(url) ? `-g ${single(url)}` : single(url);
    const lines = [verb === 'GET' ? `curl ${target}` : `curl -X ${verb} ${target}`];
    for (const [name, text] of Object.entries(headers)) lines.push(`-H ${single(`${name}: ${text}`)}`);
    if (body !== undefined) lines.push(`--data-raw ${single(body)}`);
    return lines.join(' \\\n  ');
}

function javascript({ verb, url, headers, body }: SnippetRequest): string {
    const options: string[] = [];
    if (verb !== 'GET') options.push(`method: ${JSON.stringify(verb)}`);
    if (Object.keys(headers).length > 0) options.push(`headers: ${indented(JSON.stringify(headers, null, 2), '  ')}`);
    if (body !== undefined) {
        const parsed = value(body);
        options.push(`body: ${parsed === undefined ? JSON.stringify(body) : `JSON.stringify(${indented(JSON.stringify(parsed, null, 2), '  ')})`}`);
    }
    const given = options.length === 0 ? '' : `, {\n${options.map((option) => `  ${option},\n`).join('')}}`;
    return `const response = await fetch(${JSON.stringify(url)}${given});
if (!response.ok) throw new Error(await response.text());
console.log(await response.json());`;
}

/** A JSON value as Python writes it. */
function pythonValue(given: unknown, indent: string): string {
    if (given === null) return 'None';
    if (typeof given === 'boolean') return given ? 'True' : 'False';
    if (typeof given !== 'object') return JSON.stringify(given);
    const inner = `${indent}    `;
    const parts = Array.isArray(given)
        ? given.map((one) => pythonValue(one, inner))
        : Object.entries(given).map(([name, one]) => `${JSON.stringify(name)}: ${pythonValue(one, inner)}`);
    const [open, close] = Array.isArray(given) ? ['[', ']'] : ['{', '}'];
    return parts.length === 0 ? open + close : `${open}\n${parts.map((part) => `${inner}${part},\n`).join('')}${indent}${close}`;
}

function python({ verb, url, headers, body }: SnippetRequest): string {
    const parsed = body === undefined ? undefined : value(body);
    // The library sets the type of a body that is given as a value.
    const sent = Object.fromEntries(Object.entries(headers).filter(([name]) => parsed === undefined || !isContentType(name)));
    const parts = [JSON.stringify(verb), JSON.stringify(url)];
    if (Object.keys(sent).length > 0) parts.push(`headers=${pythonValue(sent, '    ')}`);
    if (parsed !== undefined) parts.push(`json=${pythonValue(parsed, '    ')}`);
    else if (body !== undefined) parts.push(`data=${JSON.stringify(body)}.encode()`);
    return `import requests

response = requests.request(
${parts.map((part) => `    ${part},\n`).join('')})
response.raise_for_status()
print(response.json())`;
}

function php({ verb, url, headers, body }: SnippetRequest): string {
    const text = (given: string) => `'${given.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
    const options = ['CURLOPT_RETURNTRANSFER => true'];
    if (verb !== 'GET') options.push(`CURLOPT_CUSTOMREQUEST => ${text(verb)}`);
    const lines = Object.entries(headers).map(([name, given]) => `        ${text(`${name}: ${given}`)},\n`);
    if (lines.length > 0) options.push(`CURLOPT_HTTPHEADER => [\n${lines.join('')}    ]`);
    if (body !== undefined) options.push(`CURLOPT_POSTFIELDS => ${text(body)}`);
    return `<?php
$call = curl_init(${text(url)});
curl_setopt_array($call, [
${options.map((option) => `    ${option},\n`).join('')}]);
print_r(json_decode(curl_exec($call), true));`;
}

function csharp({ verb, url, headers, body }: SnippetRequest): string {
    const name = verb[0] + verb.slice(1).toLowerCase();
    const lines = [
        'using var client = new HttpClient();',
        `using var request = new HttpRequestMessage(HttpMethod.${name}, ${JSON.stringify(url)});`,
    ];
    for (const [header, text] of Object.entries(headers)) {
        if (!isContentType(header)) lines.push(`request.Headers.Add(${JSON.stringify(header)}, ${JSON.stringify(text)});`);
    }
    if (body !== undefined) {
        const type = Object.entries(headers).find(([header]) => isContentType(header))?.[1] ?? 'application/json';
        lines.push(`request.Content = new StringContent(${JSON.stringify(body)}, System.Text.Encoding.UTF8, ${JSON.stringify(type)});`);
    }
    lines.push('using var response = await client.SendAsync(request);', 'response.EnsureSuccessStatusCode();');
    lines.push('Console.WriteLine(await response.Content.ReadAsStringAsync());');
    return lines.join('\n');
}

function go({ verb, url, headers, body }: SnippetRequest): string {
    const raw = (text: string) => (/[`\r]/.test(text) ? JSON.stringify(text) : `\`${text}\``);
    const content = body === undefined ? 'nil' : `strings.NewReader(${raw(body)})`;
    const imports = ['fmt', 'io', 'net/http', ...(body === undefined ? [] : ['strings'])];
    return `package main

import (
${imports.map((name) => `\t"${name}"\n`).join('')})

func main() {
\trequest, err := http.NewRequest(${JSON.stringify(verb)}, ${JSON.stringify(url)}, ${content})
\tif err != nil {
\t\tpanic(err)
\t}
${Object.entries(headers)
    .map(([name, text]) => `\trequest.Header.Set(${JSON.stringify(name)}, ${JSON.stringify(text)})\n`)
    .join('')}\tresponse, err := http.DefaultClient.Do(request)
\tif err != nil {
\t\tpanic(err)
\t}
\tdefer response.Body.Close()
\ttext, err := io.ReadAll(response.Body)
\tif err != nil {
\t\tpanic(err)
\t}
\tfmt.Println(response.Status, string(text))
}`;
}

/** Text as Rust writes it: raw, between as many signs as it needs. */
function rustText(text: string): string {
    if (!/["\\]/.test(text)) return `"${text}"`;
    const longest = Math.max(0, ...[...text.matchAll(/"(#*)/g)].map((found) => (found[1] ?? '').length + 1));
    const signs = '#'.repeat(Math.max(1, longest));
    return `r${signs}"${text}"${signs}`;
}

function rust({ verb, url, headers, body }: SnippetRequest): string {
    const lines = [`.request(reqwest::Method::${verb}, ${rustText(url)})`];
    for (const [name, text] of Object.entries(headers)) lines.push(`.header(${rustText(name)}, ${rustText(text)})`);
    if (body !== undefined) lines.push(`.body(${rustText(body)})`);
    lines.push('.send()?', '.error_for_status()?', '.text()?;');
    return `// [dependencies] reqwest = { version = "0.12", features = ["blocking"] }
fn main() -> Result<(), reqwest::Error> {
    let text = reqwest::blocking::Client::new()
${lines.map((line) => `        ${line}\n`).join('')}    println!("{text}");
    Ok(())
}`;
}
