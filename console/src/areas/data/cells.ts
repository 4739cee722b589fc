// What the value of a field looks like in a cell, and what typed text means for it.

import type { Field, Row } from '../../lib/tables';

export type Kind = 'boolean' | 'number' | 'date' | 'json' | 'text' | 'binary' | 'plain';

const NUMBERS = ['id', 'reference', 'integer', 'bigint', 'bigid', 'smallint', 'tinyint', 'mediumint', 'decimal', 'money', 'float', 'double'];
const WHOLE = ['id', 'reference', 'integer', 'bigint', 'bigid', 'smallint', 'tinyint', 'mediumint'];
const STAMPS = ['timestamp_on_create', 'timestamp_on_update'];

/** How a field is shown and edited. */
export function kind(field: Field): Kind {
    if (field.type === 'boolean') return 'boolean';
    if (NUMBERS.includes(field.type)) return 'number';
    if (field.type === 'date') return 'date';
    // A database without a type of its own for JSON tells it by the name of the column's type.
    if (field.type === 'json' || field.type === 'array' || /^jsonb?$/i.test(field.db_type)) return 'json';
    if (field.type === 'binary') return 'binary';
    if (field.type === 'text') return 'text';
    return 'plain';
}

/** Whether a value is better read and written in the panel at the side. */
export function isLong(field: Field, value: unknown): boolean {
    const shape = kind(field);
    if (shape === 'json' || shape === 'binary') return true;
    return typeof value === 'object' && value !== null ? true : typeof value === 'string' && (value.length > 120 || value.includes('\n'));
}

/** Whether a person may write the field: of rows that are there, or of new ones. */
export function isEditable(field: Field, isNew: boolean): boolean {
    if (field.is_virtual || STAMPS.includes(field.type)) return false;
    return isNew || !(field.is_primary_key || field.auto_increment);
}

/** A value as text of one line, cut where it is long. */
export function shown(value: unknown): string {
    const text = asText(value);
    const line = text.replace(/\s*\n\s*/g, ' ↵ ');
    return line.length > 160 ? `${line.slice(0, 160)}…` : line;
}

/** A value as the text that is edited; null is empty. */
export function asText(value: unknown): string {
    if (value === null || value === undefined) return '';
    return typeof value === 'object' ? JSON.stringify(value, null, 2) : String(value);
}

/**
 * What typed text means. Empty text is null where the field has no empty value of its own; text that is no number stays
 * text, which the server then refuses in its own words.
 */
export function typed(field: Field, text: string): unknown {
    const shape = kind(field);
    if (shape === 'boolean') return text === '' ? null : text === 'true';
    if (shape === 'number' || shape === 'date') {
        const trimmed = text.trim();
        if (trimmed === '') return null;
        const number = Number(trimmed);
        const keeps = shape === 'number' && String(number) === trimmed && (!WHOLE.includes(field.type) || Number.isSafeInteger(number));
        return keeps ? number : trimmed;
    }
    if (field.type === 'array' && text.trim() !== '') {
        try {
            return JSON.parse(text);
        } catch {
            return text;
        }
    }
    if (shape !== 'text' && field.type !== 'string' && text === '') return null;
    return text;
}

/** Whether two values are stored alike: a number and its digits are. */
export function alike(a: unknown, b: unknown): boolean {
    if (a === b) return true;
    if (a === null || a === undefined || b === null || b === undefined) return false;
    return asText(a) === asText(b);
}

/** What tells a row from all others, for keys of any number of fields. */
export function identity(row: Row, key: string[]): string {
    return JSON.stringify(key.map((name) => row[name]));
}

/** The members of the row that are its key. */
export function keyOf(row: Row, key: string[]): Row {
    return Object.fromEntries(key.map((name) => [name, row[name]]));
}

/** The default of a field in words, or undefined. */
export function defaultText(field: Field): string | undefined {
    const value = field.default;
    if (value === null || value === undefined) return undefined;
    if (typeof value === 'object') return String((value as { expression?: unknown }).expression ?? JSON.stringify(value));
    return JSON.stringify(value);
}
