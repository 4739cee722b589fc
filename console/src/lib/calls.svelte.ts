// The last calls of the console, for whoever wants to see and repeat them. Secrets are masked before they are kept.

import type { Call } from './api';

export interface Note {
    id: number;
    at: Date;
    verb: string;
    url: string;
    /** The body as JSON text, secrets masked. */
    body?: string;
    /** The file that is the body. */
    file?: { name: string; type: string };
    /** Undefined while under way; 0 when nothing came back. */
    status?: number;
    ms?: number;
}

const KEPT = 100;
const MASK = '**********';
const SECRET = /password|secret|token|api_key|private|security_answer|^key$|passphrase|certificate/i;
const LONGEST_BODY = 20_000;

/** A value without its secrets: members whose names say so are masked. */
export function masked(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(masked);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(
        Object.entries(value).map(([name, inner]) => [
            name,
            SECRET.test(name) && inner !== null && typeof inner !== 'boolean' && typeof inner !== 'object' ? MASK : masked(inner),
        ]),
    );
}

function shown(body: unknown): string | undefined {
    if (body === undefined) return undefined;
    if (typeof body === 'string') return body.slice(0, LONGEST_BODY);
    if (typeof FormData !== 'undefined' && (body instanceof FormData || body instanceof Blob)) return '(file)';
    return JSON.stringify(masked(body), null, 2).slice(0, LONGEST_BODY);
}

class Calls {
    /** Newest first. */
    list = $state<Note[]>([]);
    #next = 1;

    begin(call: Call, url: string): number {
        const id = this.#next++;
        const note: Note = { id, at: new Date(), verb: call.verb, url };
        const body = shown(call.body);
        if (body !== undefined) note.body = body;
        if (call.body instanceof Blob) note.file = { name: call.body instanceof File ? call.body.name : 'file', type: call.body.type };
        this.list.unshift(note);
        if (this.list.length > KEPT) this.list.length = KEPT;
        return id;
    }

    end(id: number, status: number, ms: number) {
        const note = this.list.find((one) => one.id === id);
        if (note) Object.assign(note, { status, ms });
    }

    /** A call that the console itself gave up. */
    forget(id: number) {
        this.list = this.list.filter((note) => note.id !== id);
    }
}

export const calls = new Calls();

/** A call as a line for a shell; the session is named, not told. */
export function curl(note: Pick<Note, 'verb' | 'url' | 'body' | 'file'>, origin = location.origin): string {
    const single = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
    const parts = ['curl'];
    if (note.verb !== 'GET') parts.push('-X', note.verb);
    parts.push(single(origin + note.url), '-H', '"X-DreamFactory-Session-Token: $TOKEN"');
    if (note.file) parts.push('-H', single(`Content-Type: ${note.file.type}`), '--data-binary', single(`@${note.file.name}`));
    else if (note.body !== undefined) parts.push('-H', single('Content-Type: application/json'), '-d', single(note.body));
    return parts.join(' ');
}
