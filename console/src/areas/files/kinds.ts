// What files hold, as far as their names and types tell, and their bytes as text.

import type { Language } from '../../lib/editor';

export type Kind = 'image' | 'pdf' | 'text' | 'unknown';

const IMAGE_TYPES = new Map(Object.entries({
    avif: 'image/avif',
    bmp: 'image/bmp',
    gif: 'image/gif',
    ico: 'image/x-icon',
    jpeg: 'image/jpeg',
    jpg: 'image/jpeg',
    png: 'image/png',
    svg: 'image/svg+xml',
    webp: 'image/webp',
}));

const TEXT_TYPES = new Map(Object.entries({
    css: 'text/css',
    csv: 'text/csv',
    htm: 'text/html',
    html: 'text/html',
    js: 'text/javascript',
    json: 'application/json',
    md: 'text/markdown',
    mjs: 'text/javascript',
    txt: 'text/plain',
    xml: 'application/xml',
    yaml: 'application/yaml',
    yml: 'application/yaml',
}));

// Without a type of their own.
const MORE_TEXT = ['conf', 'env', 'go', 'ini', 'java', 'log', 'php', 'py', 'rb', 'rs', 'sh', 'sql', 'svelte', 'toml', 'ts', 'tsv', 'tsx', 'vue'];

const LANGUAGES = new Map<string, Language>(Object.entries({
    js: 'javascript',
    json: 'json',
    mjs: 'javascript',
    php: 'php',
    py: 'python',
    sql: 'sql',
    ts: 'javascript',
    yaml: 'yaml',
    yml: 'yaml',
} as const));

function extension(name: string): string {
    return /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
}

/** What a file is shown as. The name tells more than the type, which a service may have guessed. */
export function kindOf(name: string, type: string | null | undefined): Kind {
    const end = extension(name);
    if (IMAGE_TYPES.has(end)) return 'image';
    if (end === 'pdf') return 'pdf';
    if (TEXT_TYPES.has(end) || MORE_TEXT.includes(end)) return 'text';
    const given = (type ?? '').split(';')[0]?.trim() ?? '';
    if ([...IMAGE_TYPES.values()].includes(given)) return 'image';
    if (given === 'application/pdf') return 'pdf';
    return /^text\/|^application\/(json|xml|yaml|javascript|sql)$|\+(json|xml)$/.test(given) ? 'text' : 'unknown';
}

/** The type of a file of this name, for a service that keeps what it is told. */
export function typeOf(name: string): string {
    const end = extension(name);
    return IMAGE_TYPES.get(end) ?? TEXT_TYPES.get(end) ?? (MORE_TEXT.includes(end) ? 'text/plain' : 'application/octet-stream');
}

/** An image that is text underneath. */
export function isDrawn(name: string): boolean {
    return extension(name) === 'svg';
}

export function languageOf(name: string): Language {
    return LANGUAGES.get(extension(name)) ?? 'text';
}

/** A file's text with `\n` between its lines, and what it needs to become the same bytes again. */
export interface Text {
    text: string;
    lineEnd: '\n' | '\r\n';
    /** Saving it changes no more than what was typed: it is UTF-8, and all its lines end alike. */
    isExact: boolean;
}

/** How much of a file is looked at to tell text from other bytes. */
const LOOKED_AT = 8000;

/** Bytes as text; nothing where they are none. What is not UTF-8 is read as Latin, to be looked at only. */
export function decoded(bytes: Uint8Array): Text | undefined {
    if (bytes.subarray(0, LOOKED_AT).includes(0)) return undefined;
    let text: string;
    let isUtf8 = true;
    try {
        text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
        isUtf8 = false;
        text = new TextDecoder('windows-1252').decode(bytes);
    }
    const lines = text.replaceAll('\r\n', '\n');
    const hasWindowsEnds = lines.length < text.length;
    const lineEnd = hasWindowsEnds ? '\r\n' : '\n';
    return { text: lines.replaceAll('\r', '\n'), lineEnd, isExact: isUtf8 && encoded(lines, lineEnd) === text && !lines.includes('\r') };
}

/** The text as it stands in the file. */
export function encoded(text: string, lineEnd: Text['lineEnd']): string {
    return lineEnd === '\n' ? text : text.replaceAll('\n', lineEnd);
}
