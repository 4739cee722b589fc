// A field as a form fills it in, and as the API takes it.

import type { Field, Relation, Table } from '../../lib/tables';

export const TYPES = [
    'id', 'string', 'text', 'integer', 'bigint', 'decimal', 'float', 'double', 'money', 'boolean', 'date', 'time', 'datetime', 'timestamp',
    'timestamp_on_create', 'timestamp_on_update', 'user_id_on_create', 'user_id_on_update', 'reference', 'uuid', 'json', 'binary',
];

export const USES = ['SELECT', 'FILTER', 'INSERT', 'UPDATE'] as const;
export type Use = (typeof USES)[number];

export const RULES = ['api_read_only', 'create_only', 'not_null', 'not_empty', 'not_zero', 'email', 'url', 'int', 'float', 'boolean', 'match', 'picklist', 'multi_picklist'] as const;

export interface FieldDraft {
    name: string;
    type: string;
    length: number | null;
    precision: number | null;
    scale: number | null;
    default: string;
    /** The default is computed by the database. */
    computed: boolean;
    allow_null: boolean;
    is_primary_key: boolean;
    is_unique: boolean;
    is_index: boolean;
    ref_table: string;
    ref_field: string;
    ref_on_delete: string;
    alias: string;
    label: string;
    description: string;
    /** A value on each line. */
    picklist: string;
    rules: Rule[];
    functions: { use: string[]; function: string }[];
    is_virtual: boolean;
    is_aggregate: boolean;
}

export interface Rule {
    rule: string;
    /** What is said; empty: the server's own words. */
    message: string;
    /** The field is left out instead of refusing the record. */
    ignore: boolean;
    /** The other options, as they are. */
    options: Record<string, unknown>;
}

export const EMPTY: FieldDraft = {
    name: '', type: 'string', length: null, precision: null, scale: null, default: '', computed: false, allow_null: true,
    is_primary_key: false, is_unique: false, is_index: false, ref_table: '', ref_field: '', ref_on_delete: '', alias: '', label: '',
    description: '', picklist: '', rules: [], functions: [], is_virtual: false, is_aggregate: false,
};

/** The form of a field that is there. */
export function draftOf(field: Field): FieldDraft {
    const computed = typeof field.default === 'object' && field.default !== null;
    return {
        name: field.name,
        type: field.type,
        length: field.length,
        precision: field.precision,
        scale: field.scale,
        default: field.default === null || field.default === undefined ? '' : computed ? String((field.default as { expression?: unknown }).expression ?? '') : String(field.default),
        computed,
        allow_null: field.allow_null,
        is_primary_key: field.is_primary_key,
        is_unique: field.is_unique,
        is_index: field.is_index,
        ref_table: field.ref_table ?? '',
        ref_field: field.ref_field ?? '',
        ref_on_delete: (field as { ref_on_delete?: string | null }).ref_on_delete ?? '',
        alias: field.alias ?? '',
        label: field.label,
        description: field.description ?? '',
        picklist: (field.picklist ?? []).join('\n'),
        rules: Object.entries(field.validation ?? {}).map(([rule, given]) => ruleOf(rule, given)),
        functions: (field.db_function ?? []).map((one) => ({ use: one.use, function: one.function })),
        is_virtual: field.is_virtual,
        is_aggregate: field.is_aggregate,
    };
}

function ruleOf(rule: string, given: unknown): Rule {
    const { on_fail, ...options } = (typeof given === 'object' && given !== null ? given : {}) as { on_fail?: unknown };
    return { rule, message: typeof on_fail === 'string' && on_fail !== 'ignore_field' ? on_fail : '', ignore: on_fail === 'ignore_field', options };
}

/** The definition of the whole field. */
export function definition(draft: FieldDraft): Record<string, unknown> {
    const text = (value: string) => (value.trim() === '' ? null : value);
    const shared: Record<string, unknown> = {
        name: draft.name.trim(),
        type: draft.type,
        alias: text(draft.alias),
        label: text(draft.label),
        description: text(draft.description),
        picklist: draft.picklist.trim() === '' ? null : draft.picklist.split('\n').map((line) => line.trim()).filter(Boolean),
        validation: draft.rules.length === 0 ? null : Object.fromEntries(draft.rules.map((rule) => [rule.rule, validation(rule)])),
        db_function: draft.functions.length === 0 ? null : draft.functions.map((one) => ({ use: one.use, function: one.function, function_type: 'database' })),
    };
    if (draft.is_virtual) return { ...shared, is_virtual: true, is_aggregate: draft.is_aggregate };
    const refers = draft.ref_table !== '';
    return {
        ...shared,
        length: draft.length,
        precision: draft.precision,
        scale: draft.scale,
        default: defaultOf(draft),
        allow_null: draft.allow_null,
        is_primary_key: draft.is_primary_key,
        is_unique: draft.is_unique,
        is_index: draft.is_index,
        is_foreign_key: refers,
        ref_table: refers ? draft.ref_table : null,
        ref_field: refers ? draft.ref_field : null,
        ref_on_delete: refers ? text(draft.ref_on_delete) : null,
    };
}

function validation({ message, ignore, options }: Rule): Record<string, unknown> {
    return { ...options, ...(ignore ? { on_fail: 'ignore_field' } : message.trim() === '' ? {} : { on_fail: message }) };
}

function defaultOf({ default: text, computed, type }: FieldDraft): unknown {
    if (text.trim() === '') return null;
    if (computed) return { expression: text };
    if (type === 'boolean') return text === 'true' || text === '1';
    const isNumber = ['integer', 'bigint', 'decimal', 'float', 'double', 'money', 'reference'].includes(type);
    return isNumber && String(Number(text)) === text.trim() ? Number(text) : text;
}

/** What a new field is sent as: without what is not set. */
export function created(draft: FieldDraft): Record<string, unknown> {
    const kept = Object.entries(definition(draft)).filter(([name, value]) => value !== null && (value !== false || name === 'allow_null'));
    return Object.fromEntries(kept.filter(([name]) => draft.type !== 'id' || !['allow_null', 'is_primary_key'].includes(name)));
}

/** What is sent of a field that is there: what differs. */
export function changed(draft: FieldDraft, stored: FieldDraft): Record<string, unknown> {
    const before = definition(stored);
    return Object.fromEntries(Object.entries(definition(draft)).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name])));
}

const COMPUTED = ['access', 'constraints', 'native', 'is_view', 'primary_key'];

/** The description of a table as it can be edited: without what follows from the rest. */
export function editable(table: Table): Record<string, unknown> {
    return Object.fromEntries(Object.entries(table).filter(([name]) => !COMPUTED.includes(name)));
}

/** A relation in words, such as `customer_id → crm.customers.id`. */
export function described(relation: Relation, service: string | undefined): string {
    const target = `${service ? `${service}.` : ''}${relation.ref_table}.${relation.ref_field}`;
    const between = relation.junction_table ? ` (${relation.junction_table})` : '';
    return `${relation.field} → ${target}${between}`;
}
