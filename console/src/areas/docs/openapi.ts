// An OpenAPI document as a list of operations that can be filled in and sent.

import { segment } from '../../lib/api';

export interface Schema {
    $ref?: string;
    type?: string | string[];
    format?: string;
    description?: string;
    properties?: Record<string, Schema>;
    items?: Schema;
    enum?: unknown[];
    example?: unknown;
    default?: unknown;
    readOnly?: boolean;
    anyOf?: Schema[];
    oneOf?: Schema[];
    allOf?: Schema[];
    required?: string[];
    nullable?: boolean;
}

export interface Parameter {
    $ref?: string;
    name: string;
    in: 'path' | 'query' | 'header' | 'cookie';
    description?: string;
    required?: boolean;
    schema?: Schema;
}

interface Body {
    $ref?: string;
    description?: string;
    required?: boolean;
    content?: Record<string, { schema?: Schema; example?: unknown }>;
}

interface RawOperation {
    summary?: string;
    description?: string;
    operationId?: string;
    tags?: string[];
    parameters?: Parameter[];
    requestBody?: Body;
    responses?: Record<string, Body>;
}

export interface Document {
    info?: { title?: string; description?: string; version?: string };
    servers?: { url: string }[];
    paths?: Record<string, Record<string, unknown>>;
    components?: Record<string, Record<string, unknown>>;
    'x-dreamfactory-resources'?: { tables?: string[] };
    'x-warning'?: string;
}

export interface Operation {
    /** Such as `get /_table/{table_name}`; stands in the address. */
    key: string;
    verb: string;
    path: string;
    summary: string;
    description: string;
    group: string;
    parameters: Parameter[];
    body: { required: boolean; types: string[]; schema?: Schema | undefined } | undefined;
    /** Media types of the answer. */
    answers: string[];
}

const VERBS = ['get', 'post', 'put', 'patch', 'delete'];

/** What a reference leads to; a value that is none is itself. */
export function resolved<T extends { $ref?: string }>(document: Document, value: T): T {
    let now = value;
    for (let step = 0; now.$ref !== undefined && step < 10; step++) {
        const [, kind, name] = /^#\/components\/([^/]+)\/(.+)$/.exec(now.$ref) ?? [];
        const found = kind && name ? document.components?.[kind]?.[name] : undefined;
        if (!found) return {} as T;
        now = found as T;
    }
    return now;
}

/** Every operation of a document, in its order. */
export function operations(document: Document): Operation[] {
    const found: Operation[] = [];
    const all = Object.entries(document.paths ?? {});
    const tags = new Set(all.flatMap(([, item]) => VERBS.flatMap((verb) => (item[verb] as RawOperation | undefined)?.tags ?? [])));
    for (const [path, item] of all) {
        const shared = (item.parameters ?? []) as Parameter[];
        for (const verb of VERBS) {
            const raw = item[verb] as RawOperation | undefined;
            if (!raw) continue;
            found.push({
                key: `${verb} ${path}`,
                verb: verb.toUpperCase(),
                path,
                summary: raw.summary ?? '',
                description: raw.description ?? '',
                // A tag that everything has groups nothing; the first part of the path does.
                group: (tags.size > 1 ? raw.tags?.[0] : undefined) ?? path.split('/')[1] ?? '',
                parameters: parameters(document, [...shared, ...(raw.parameters ?? [])]),
                body: body(document, raw.requestBody),
                answers: answers(document, raw),
            });
        }
    }
    return found;
}

/** Those of an operation count over those of its path. */
function parameters(document: Document, given: Parameter[]): Parameter[] {
    const byName = new Map(given.map((one) => resolved(document, one)).map((one) => [`${one.in} ${one.name}`, one]));
    return [...byName.values()].filter((one) => one.in === 'path' || one.in === 'query');
}

function body(document: Document, raw: Body | undefined): Operation['body'] {
    if (!raw) return undefined;
    const whole = resolved(document, raw);
    const types = Object.keys(whole.content ?? {});
    return { required: whole.required ?? false, types: types.length > 0 ? types : ['application/json'], schema: whole.content?.['application/json']?.schema };
}

function answers(document: Document, raw: RawOperation): string[] {
    const [, good] = Object.entries(raw.responses ?? {}).find(([status]) => status.startsWith('2')) ?? [];
    return good ? Object.keys(resolved(document, good).content ?? {}) : [];
}

/** The operations that a search finds, by group. At most `most` of them; `left` says how many more there are. */
export function grouped(all: Operation[], search: string, most: number): { groups: { name: string; operations: Operation[] }[]; left: number } {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = all.filter((one) => words.every((word) => `${one.verb} ${one.path} ${one.summary}`.toLowerCase().includes(word)));
    const groups = new Map<string, Operation[]>();
    for (const one of fits.sort((a, b) => place(a.group) - place(b.group)).slice(0, most)) groups.set(one.group, [...(groups.get(one.group) ?? []), one]);
    return { groups: [...groups].map(([name, operations]) => ({ name, operations })), left: Math.max(0, fits.length - most) };
}

// What a database is mostly used for comes first, what merely lists comes last.
const FIRST = ['_table', '_proc', '_func', '_schema'];

function place(group: string): number {
    if (group === '') return FIRST.length + 1;
    const known = FIRST.indexOf(group);
    return known === -1 ? FIRST.length : known;
}

const DEEPEST = 5;

/** A value as a schema describes it, to begin a body with. What only the server writes is left out. */
export function example(document: Document, schema: Schema, depth = 0): unknown {
    const whole = resolved(document, schema);
    if (whole.example !== undefined) return whole.example;
    if (whole.default !== undefined) return whole.default;
    if (whole.enum && whole.enum.length > 0) return whole.enum[0];
    const choice = whole.anyOf?.[0] ?? whole.oneOf?.[0];
    if (choice) return example(document, choice, depth);
    if (whole.allOf) return Object.assign({}, ...whole.allOf.map((part) => example(document, part, depth)));
    const type = Array.isArray(whole.type) ? whole.type.find((one) => one !== 'null') : whole.type;
    if (type === 'array') return depth >= DEEPEST ? [] : [example(document, whole.items ?? {}, depth + 1)].filter((one) => one !== undefined);
    if (type === 'object' || whole.properties) return members(document, whole, depth);
    return plain(type, whole.format);
}

function members(document: Document, schema: Schema, depth: number): Record<string, unknown> {
    if (depth >= DEEPEST) return {};
    const found: Record<string, unknown> = {};
    for (const [name, inner] of Object.entries(schema.properties ?? {})) {
        const whole = resolved(document, inner);
        // Related records and lists of a record are rarely sent: an example with them would only be cut.
        const isNested = whole.type === 'array' || whole.type === 'object' || whole.allOf !== undefined;
        if (whole.readOnly || (depth > 1 && isNested && !schema.required?.includes(name))) continue;
        found[name] = example(document, inner, depth + 1);
    }
    return found;
}

function plain(type: string | undefined, format: string | undefined): unknown {
    if (type === 'integer' || type === 'number') return 0;
    if (type === 'boolean') return true;
    if (type === undefined) return null;
    if (format === 'date') return '2026-01-31';
    if (format === 'date-time') return '2026-01-31 12:00:00';
    if (format === 'email') return 'ada@example.com';
    return 'text';
}

/** The body to begin with: without what is only a way to choose records. */
export function exampleBody(document: Document, schema: Schema): unknown {
    const value = example(document, schema);
    if (value === null || typeof value !== 'object' || Array.isArray(value) || !('resource' in value)) return value;
    return { resource: value.resource };
}

export interface Filled {
    /** Below the service. */
    path: string;
    query: Record<string, string>;
    /** Parts of the path that are not filled in yet. */
    missing: string[];
}

/** The path and query of an operation with these values; those that the operation does not know go to the query. */
export function filled(operation: Operation, values: Record<string, string>): Filled {
    const query: Record<string, string> = {};
    const inPath = new Set(operation.parameters.filter((one) => one.in === 'path').map((one) => one.name));
    const missing: string[] = [];
    const path = operation.path.replace(/\{([^}]+)\}/g, (whole, name: string) => {
        const value = values[name] ?? '';
        if (value !== '') return segment(value);
        missing.push(name);
        return whole;
    });
    for (const [name, value] of Object.entries(values)) {
        if (!inPath.has(name) && value !== '') query[name] = value;
    }
    return { path: path.replace(/^\//, ''), query, missing };
}

/** The operation of a call such as `GET _table/orders?limit=5`, and the values it was filled in with. */
export function operationOf(all: Operation[], call: string): { operation: Operation; values: Record<string, string> } | undefined {
    const [verb = '', address = ''] = [call.slice(0, call.indexOf(' ')), call.slice(call.indexOf(' ') + 1)];
    const [path = '', query = ''] = [address.split('?')[0], address.slice(address.indexOf('?') + 1)];
    const parts = path.split('/').filter(Boolean).map(decoded);
    // A path without parts to fill in counts before one with them.
    const fits = all
        .filter((one) => one.verb === verb)
        .map((one) => ({ operation: one, wanted: one.path.split('/').filter(Boolean) }))
        .filter(({ wanted }) => wanted.length === parts.length && wanted.every((part, index) => part.startsWith('{') || part === parts[index]))
        .sort((a, b) => a.operation.path.split('{').length - b.operation.path.split('{').length)[0];
    if (!fits) return undefined;
    const values: Record<string, string> = address.includes('?') ? Object.fromEntries(new URLSearchParams(query)) : {};
    fits.wanted.forEach((part, index) => {
        if (part.startsWith('{')) values[part.slice(1, -1)] = parts[index] ?? '';
    });
    return { operation: fits.operation, values };
}

function decoded(text: string): string {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}

/** How a parameter's schema says it is filled in. */
export function control(parameter: Parameter): { kind: 'choice'; options: string[] } | { kind: 'truth' } | { kind: 'number' } | { kind: 'text' } {
    const schema = parameter.schema ?? {};
    const options = (schema.enum ?? schema.items?.enum)?.map(String);
    if (options && schema.type !== 'array') return { kind: 'choice', options };
    if (schema.type === 'boolean') return { kind: 'truth' };
    return schema.type === 'integer' || schema.type === 'number' ? { kind: 'number' } : { kind: 'text' };
}
