// Forms that are drawn from a `config_schema`: which fields there are, how they are grouped, what was changed and what is
// missing. Fields of types that are not known here are kept as they are.

import { same } from './draft.svelte';

export interface FieldSchema {
    name: string;
    label: string;
    type: string;
    description?: string | null;
    required?: boolean;
    default?: unknown;
    allow_null?: boolean;
    length?: number | null;
    scale?: number | null;
    values?: { name: string | number | null; label: string }[];
    items?: 'string' | FieldSchema[];
    object?: { key: { label: string; type: string }; value: { label: string; type: string } };
}

export type Values = Record<string, unknown>;

export const GROUPS = ['basics', 'security', 'caching', 'advanced'] as const;
export type GroupKey = (typeof GROUPS)[number];

/** What is known of a field beyond its schema. */
export interface Decoration {
    group?: GroupKey;
    placeholder?: string;
    /** A line is enough, although the schema speaks of text. */
    line?: boolean;
    /** Not to be read over somebody's shoulder, although the schema speaks of text. */
    secret?: boolean;
    /** Choices of a text field, the first of which is what an empty one means. */
    choices?: string[];
    /** Shown only while another field has one of these values. */
    show_if?: { field: string; in: unknown[] };
}

/** What is known of the fields of a type. */
export type Overlay = Record<string, Decoration>;

export interface Group {
    key: GroupKey;
    fields: FieldSchema[];
}

/** What the server shows in place of a stored secret. */
export const MASK = '**********';

const BASIC = ['host', 'port', 'database', 'username', 'password', 'url', 'base_url', 'key', 'secret', 'region', 'bucket', 'container'];
const SECURITY = /(^|_)(ssl|tls|cert|verify)|ssl|tls|certificate|encryption/i;

function groupOf(field: FieldSchema, overlay: Overlay, small: boolean): GroupKey {
    const given = overlay[field.name]?.group;
    if (given) return given;
    if (field.required || BASIC.includes(field.name)) return 'basics';
    if (SECURITY.test(field.name)) return 'security';
    if (field.name.startsWith('cache')) return 'caching';
    return small ? 'basics' : 'advanced';
}

/** Below this many fields there is nothing to fold. */
const FEW = 8;

/** The fields in groups, in the order in which they are shown. No field is left out. */
export function grouped(schema: FieldSchema[], overlay: Overlay = {}): Group[] {
    const small = schema.length <= FEW;
    const place = (field: FieldSchema) => {
        const index = BASIC.indexOf(field.name);
        return index < 0 ? BASIC.length : index;
    };
    return GROUPS.map((key) => {
        const fields = schema.filter((field) => groupOf(field, overlay, small) === key);
        return { key, fields: key === 'basics' ? fields.sort((a, b) => place(a) - place(b)) : fields };
    }).filter(({ fields }) => fields.length > 0);
}

/** Whether a field is shown; what it holds is kept either way. */
export function isShown(field: FieldSchema, values: Values, overlay: Overlay = {}): boolean {
    const condition = overlay[field.name]?.show_if;
    return condition === undefined || condition.in.some((one) => same(one, values[condition.field]));
}

/** What a new record begins with. */
export function defaults(schema: FieldSchema[]): Values {
    return Object.fromEntries(schema.map((field) => [field.name, structuredClone(field.default ?? null)]));
}

/** A configuration as the server sends it; an empty one comes as a list. */
export function configOf(given: unknown): Values {
    return given !== null && typeof given === 'object' && !Array.isArray(given) ? (given as Values) : {};
}

/** Secrets that were not typed anew are not sent, nor are fields of a new record that were left empty. */
export function forCreation(values: Values): Values {
    return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== MASK && value !== null && value !== ''));
}

/** What differs from what is stored. Lists are sent whole; empty text is sent as null. */
export function changedValues(before: Values, now: Values): Values {
    const differing = Object.entries(now).filter(([name, value]) => value !== MASK && !same(value, before[name]));
    return Object.fromEntries(differing.map(([name, value]) => [name, value === '' ? null : value]));
}

export interface Change {
    name: string;
    label: string;
    before: string;
    after: string;
    secret: boolean;
}

/** A value for people. */
export function told(value: unknown): string {
    if (value === null || value === undefined || value === '') return '';
    return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Each change with its old and new value; of secrets only that they changed. */
export function review(schema: FieldSchema[], before: Values, now: Values): Change[] {
    return Object.keys(changedValues(before, now)).map((name) => {
        const field = schema.find((one) => one.name === name);
        const secret = field?.type === 'password' || before[name] === MASK;
        return { name, label: field?.label ?? name, before: secret ? '' : told(before[name]), after: secret ? '' : told(now[name]), secret };
    });
}

/** Names of the fields that must be filled in and are not. */
export function missing(schema: FieldSchema[], values: Values, overlay: Overlay = {}): string[] {
    const empty = (value: unknown) => value === null || value === undefined || value === '';
    return schema.filter((field) => field.required && isShown(field, values, overlay) && empty(values[field.name])).map(({ name }) => name);
}

/** How many fields hold something else than their default. */
export function differing(fields: FieldSchema[], values: Values): number {
    return fields.filter((field) => {
        const value = values[field.name];
        const nothing = value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
        return !nothing && !same(value, field.default ?? null);
    }).length;
}

/** Records of the system that a number means, by the name of its field. */
export function referenceOf(field: FieldSchema): 'role' | 'app' | 'service' | 'email_template' | undefined {
    if (field.type !== 'integer') return undefined;
    if (field.name.endsWith('role_id')) return 'role';
    if (field.name.endsWith('app_id')) return 'app';
    if (field.name.endsWith('template_id')) return 'email_template';
    return field.name.endsWith('service_id') ? 'service' : undefined;
}

/** Whether text of several lines is code rather than prose. */
export function isCode(name: string): boolean {
    return /code|sql|key|cert|content|json|pem|script|statement|ssl_ca/i.test(name);
}
