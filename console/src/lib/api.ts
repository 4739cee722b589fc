// Calls to the server: the same endpoints that anybody can use. Screens call [`api`]; what fails is an [`ApiError`].

import { calls } from './calls.svelte';
import { nameIn, saveAs } from './download';
import { toasts } from './toasts.svelte';
import { t } from './texts';
import { fetchWithProgress } from './upload';

export type Verb = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type Query = Record<string, string | number | boolean | undefined>;

export interface Call {
    verb: Verb;
    /** Below the API, such as `system/service/5`; segments that come from data go through [`segment`]. */
    path: string;
    query?: Query;
    body?: unknown;
    headers?: Record<string, string>;
    signal?: AbortSignal;
    /** Made without the session, as logins are; a 401 is then an answer like any other. */
    anonymous?: boolean;
    /** Told how many bytes of the body are sent. */
    progress?: (sent: number) => void;
    /** Cookies go along and are taken: by one the server knows the browser that began a login at a provider. */
    cookies?: boolean;
    /** The path stands at the root of the server, such as `setup`, not below the API. */
    root?: boolean;
}

/** What a call was answered with. */
export interface Answer {
    status: number;
    headers: Headers;
    text: string;
    /** Milliseconds from sending to the last byte. */
    ms: number;
    url: string;
}

/** One record of a refused batch: what the envelope's context says of it. */
export type Context = Json | undefined;

/** An answer that is no success, or none at all (`status` 0: the network). */
export class ApiError extends Error {
    constructor(
        readonly call: Call,
        readonly status: number,
        message: string,
        readonly context?: Context,
        /** The whole answer, to be copied. */
        readonly envelope?: string,
        readonly requestId?: string,
        /** Seconds after which to try again, as the server says. */
        readonly retryAfter?: number,
    ) {
        super(message);
        this.name = 'ApiError';
    }

    /** The messages that name a field, from a context such as `{"name": ["is taken"]}`. */
    get fields(): Record<string, string> {
        const found: Record<string, string> = {};
        if (this.context && typeof this.context === 'object' && !Array.isArray(this.context)) {
            for (const [name, messages] of Object.entries(this.context)) {
                const first = Array.isArray(messages) ? messages[0] : messages;
                if (typeof first === 'string') found[name] = first;
            }
        }
        return found;
    }
}

/** What the session gives to a call, and what it does when the server no longer takes it. */
export interface Credentials {
    headers(): Record<string, string>;
    /** Asks for a new login; settles when there is one (true) or none will come (false). */
    renew(): Promise<boolean>;
}

let credentials: Credentials = { headers: () => ({}), renew: async () => false };

/** Set once by the session. */
export function useCredentials(those: Credentials) {
    credentials = those;
}

/** What the server says of itself at `/`. */
export interface Server {
    name: string;
    version: string;
    /** Path of the API, such as `/api/v2`. */
    api: string;
    docs: string;
}

let server: Promise<Server> | undefined;

/** Who answers here, asked once; after a failure the next call asks again. */
export function whoAnswers(): Promise<Server> {
    server ??= fetch('/', { headers: { accept: 'application/json' } })
        .then(async (response) => {
            if (!response.ok) throw new Error(response.statusText);
            return (await response.json()) as Server;
        })
        .catch((problem: unknown) => {
            server = undefined;
            throw new ApiError({ verb: 'GET', path: '' }, 0, t('unreachable'), undefined, String(problem));
        });
    return server;
}

/** Whether an address of the server outside its API, such as `/ready`, answers with success. */
export async function answers(path: string, signal: AbortSignal): Promise<boolean> {
    const response = await fetch(path, { headers: { accept: 'application/json' }, signal, cache: 'no-store' });
    return response.ok;
}

/** A piece of data as one segment of a path. */
export function segment(text: string | number): string {
    return encodeURIComponent(String(text));
}

/** The address of a call, without the host. */
export function address(prefix: string, path: string, query: Query = {}): string {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
        if (value !== undefined && value !== '') parameters.set(name, String(value));
    }
    const text = parameters.toString();
    return `${prefix}${path ? '/' : ''}${path}${text ? `?${text}` : ''}`;
}

/** The longest wait for a limit to pass that a read is held back for, in seconds. */
const PATIENCE = 30;

const SESSION_IS_OVER = [401, 403];

function isSessionOver(problem: ApiError): boolean {
    if (problem.status === 401) return true;
    return problem.status === 403 && /token has been blacklisted/i.test(problem.message);
}

/** Makes a call and gives the answer as it came. Fails with [`ApiError`] where it is no success. */
export function send(call: Call): Promise<Answer> {
    return patiently(call, () => once(call));
}

/** Does what makes a call, and does it again after a new login or when a limit has passed. */
async function patiently<T>(call: Call, make: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
        try {
            return await make();
        } catch (problem) {
            if (!(problem instanceof ApiError) || call.signal?.aborted) throw problem;
            if (!call.anonymous && attempt === 0 && SESSION_IS_OVER.includes(problem.status) && isSessionOver(problem)) {
                if (await credentials.renew()) continue;
            }
            const wait = problem.retryAfter ?? PATIENCE + 1;
            if (problem.status === 429 && call.verb === 'GET' && attempt < 2 && wait <= PATIENCE) {
                toasts.show('info', t('held-back', { seconds: wait }));
                await delay(wait * 1000, call.signal);
                continue;
            }
            throw problem;
        }
    }
}

async function delay(ms: number, signal?: AbortSignal) {
    await new Promise<void>((done) => {
        const timer = setTimeout(done, ms);
        signal?.addEventListener('abort', () => {
            clearTimeout(timer);
            done();
        });
    });
}

interface Sent {
    response: Response;
    url: string;
    /** What is kept of the call, to be ended by whoever reads the answer. */
    note: { id: number; started: number };
}

async function request(call: Call): Promise<Sent> {
    const url = address(call.root ? '' : (await whoAnswers()).api, call.path, call.query);
    const headers: Record<string, string> = { accept: 'application/json', ...call.headers };
    if (!call.anonymous) Object.assign(headers, credentials.headers());
    const init: RequestInit & { headers: Record<string, string> } = { method: call.verb, headers, signal: call.signal ?? null, credentials: call.cookies ? 'same-origin' : 'omit', cache: 'no-store' };
    if (call.body instanceof FormData || call.body instanceof Blob) {
        init.body = call.body;
    } else if (call.body !== undefined) {
        headers['content-type'] ??= 'application/json';
        init.body = typeof call.body === 'string' ? call.body : JSON.stringify(call.body);
    }
    const note = { id: calls.begin(call, url), started: performance.now() };
    try {
        return { response: await (call.progress ? fetchWithProgress(url, init, call.progress) : fetch(url, init)), url, note };
    } catch (problem) {
        throw interrupted(call, note, problem);
    }
}

/** What became of a call that was not answered to its end. */
function interrupted(call: Call, note: Sent['note'], problem: unknown): unknown {
    if (call.signal?.aborted) {
        calls.forget(note.id);
        return problem;
    }
    calls.end(note.id, 0, performance.now() - note.started);
    return new ApiError(call, 0, t('unreachable'), undefined, String(problem));
}

async function once(call: Call): Promise<Answer> {
    const answer = await exchange(call);
    if (answer.status < 200 || answer.status > 299) throw refused(call, answer);
    return answer;
}

/** Makes a call and gives what came back, success or not. Fails with [`ApiError`] only where nothing comes back. */
export async function exchange(call: Call): Promise<Answer> {
    const { response, url, note } = await request(call);
    let text: string;
    try {
        text = await response.text();
    } catch (problem) {
        throw interrupted(call, note, problem);
    }
    const ms = performance.now() - note.started;
    calls.end(note.id, response.status, ms);
    return { status: response.status, headers: response.headers, text, ms, url };
}

interface Refusal {
    message?: string;
    context?: Json;
}

/** A batch of one record is refused for what is wrong with that record. */
function alone(error: Refusal | undefined): Refusal | undefined {
    const context = error?.context;
    if (!context || typeof context !== 'object' || Array.isArray(context)) return error;
    const { resource } = context;
    if (!('error' in context) || !Array.isArray(resource) || resource.length !== 1) return error;
    return (resource[0] as Refusal | null) ?? error;
}

function refused(call: Call, { status, headers, text }: Pick<Answer, 'status' | 'headers' | 'text'>): ApiError {
    let message = t('status', { status });
    let context: Context;
    try {
        const envelope = JSON.parse(text) as { error?: Refusal };
        const error = alone(envelope.error);
        if (error?.message) message = error.message;
        context = error?.context;
    } catch {
        // Not the envelope: something between the browser and the server answered.
    }
    const after = Number(headers.get('retry-after') ?? Number.NaN);
    return new ApiError(
        call,
        status,
        message,
        context,
        text,
        headers.get('x-request-id') ?? undefined,
        Number.isFinite(after) ? after : undefined,
    );
}

async function value<T>(call: Call): Promise<T> {
    const { text } = await send(call);
    return (text === '' ? undefined : JSON.parse(text)) as T;
}

type Options = Omit<Call, 'verb' | 'path' | 'query' | 'body'>;

/** Calls that read and write JSON. */
export const api = {
    get: <T>(path: string, query?: Query, options: Options = {}) => value<T>({ verb: 'GET', path, query, ...options }),
    post: <T>(path: string, body: unknown, query?: Query, options: Options = {}) =>
        value<T>({ verb: 'POST', path, body, query, ...options }),
    put: <T>(path: string, body: unknown, query?: Query, options: Options = {}) =>
        value<T>({ verb: 'PUT', path, body, query, ...options }),
    patch: <T>(path: string, body: unknown, query?: Query, options: Options = {}) =>
        value<T>({ verb: 'PATCH', path, body, query, ...options }),
    remove: <T>(path: string, query?: Query, options: Options & { body?: unknown } = {}) =>
        value<T>({ verb: 'DELETE', path, query, ...options }),
};

/** What a call answers, as bytes, and the server's name for it where it gives one. */
export function file(call: Call): Promise<{ blob: Blob; name: string | undefined }> {
    return patiently(call, async () => {
        const { response, note } = await request(call);
        let blob: Blob;
        try {
            blob = await response.blob();
        } catch (problem) {
            throw interrupted(call, note, problem);
        }
        calls.end(note.id, response.status, performance.now() - note.started);
        if (!response.ok) throw refused(call, { status: response.status, headers: response.headers, text: await blob.text() });
        return { blob, name: nameIn(response.headers.get('content-disposition')) };
    });
}

/** Makes a call and lets the browser keep what it answers as a file. The server's name for it wins. */
export async function download(call: Call, name: string): Promise<void> {
    const { blob, name: given } = await file(call);
    saveAs(given ?? name, blob.type, [blob]);
}

/** A list as the API wraps it, with its total count where it was asked for. */
export interface Listed<T> {
    resource: T[];
    meta?: { count?: number; next?: number };
}

/** Text as a value of the filter language, which unescapes nothing: in the kind of quotes that the text does not hold. */
export function quoted(text: string): string {
    const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
    return `${quote}${text}${quote}`;
}
