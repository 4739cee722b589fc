// Records from a file: read, shown, and turned into records of people.

import type { Json } from '../../lib/api';

export interface Table {
    columns: string[];
    rows: Json[][];
}

/** CSV by RFC 4180: quotes, doubled quotes, line breaks inside them. A semicolon or tab separates where it is used. */
export function csv(text: string): Table | undefined {
    const source = text.replace(/^\uFEFF/, '');
    const head = source.split(/\r?\n/, 1)[0] ?? '';
    const separator = [';', '\t'].find((one) => head.includes(one) && !head.includes(',')) ?? ',';
    const lines: string[][] = [[]];
    let cell = '';
    let quotes = false;
    const endCell = () => {
        lines.at(-1)?.push(cell);
        cell = '';
    };
    for (let at = 0; at < source.length; at++) {
        const sign = source[at] ?? '';
        if (quotes) {
            if (sign !== '"') cell += sign;
            else if (source[at + 1] === '"') cell += source[++at] ?? '';
            else quotes = false;
        } else if (sign === '"' && cell === '') quotes = true;
        else if (sign === separator) endCell();
        else if (sign === '\n') {
            endCell();
            lines.push([]);
        } else if (sign !== '\r') cell += sign;
    }
    endCell();
    const filled = lines.filter((line) => line.some((value) => value.trim() !== ''));
    const [columns, ...rows] = filled;
    if (quotes || !columns || columns.some((name) => name.trim() === '')) return undefined;
    return { columns: columns.map((name) => name.trim()), rows: rows.map((row) => columns.map((_, index) => row[index] ?? '')) };
}

/** A list of records as JSON, bare or wrapped in `resource`. */
export function json(text: string): Table | undefined {
    let value: Json;
    try {
        value = JSON.parse(text) as Json;
    } catch {
        return undefined;
    }
    const list = value && typeof value === 'object' && !Array.isArray(value) && Array.isArray(value.resource) ? value.resource : value;
    if (!Array.isArray(list)) return undefined;
    const records = list.filter((one): one is { [name: string]: Json } => one !== null && typeof one === 'object' && !Array.isArray(one));
    if (records.length === 0 || records.length !== list.length) return undefined;
    const columns = [...new Set(records.flatMap((record) => Object.keys(record)))];
    return { columns, rows: records.map((record) => columns.map((name) => record[name] ?? null)) };
}

/** Either, by how the text begins. */
export function table(text: string): Table | undefined {
    if (text.trim() === '') return undefined;
    return /^\s*[[{]/.test(text) ? json(text) : csv(text);
}

export const FIELDS = ['email', 'name', 'first_name', 'last_name', 'username', 'password', 'is_active', 'phone', 'security_question', 'security_answer', 'default_app_id'] as const;
export type Field = (typeof FIELDS)[number];

const SYNONYMS: Record<string, Field> = { mail: 'email', 'e_mail': 'email', email_address: 'email', firstname: 'first_name', given_name: 'first_name', lastname: 'last_name', surname: 'last_name', login: 'username', user_name: 'username', display_name: 'name', active: 'is_active', telephone: 'phone' };

/** The field that a column is about, by its name. */
export function guess(column: string): Field | undefined {
    const name = column.trim().toLowerCase().replace(/[\s-]+/g, '_');
    return FIELDS.find((field) => field === name) ?? SYNONYMS[name];
}

/** The rows as records of the chosen fields; empty values are left out. */
export function records({ rows }: Table, fields: (Field | undefined)[]): Record<string, Json>[] {
    return rows.map((row) => {
        const named = fields.flatMap((field, index): [string, Json][] => {
            const value = row[index];
            return field === undefined || value === undefined || value === null || value === '' ? [] : [[field, value]];
        });
        return Object.fromEntries(named);
    });
}

export interface Outcome {
    row: number;
    label: string;
    /** Why it was refused; undefined when it was stored. */
    problem?: string;
}

/** What happened to each record of a batch, from the answer to it or from the context of its refusal. */
export function outcomes(sent: Record<string, Json>[], first: number, context: Json | undefined): Outcome[] {
    const told = context && typeof context === 'object' && !Array.isArray(context) && Array.isArray(context.resource) ? context.resource : [];
    return sent.map((record, index) => {
        const one = told[index];
        const problem = one && typeof one === 'object' && !Array.isArray(one) && typeof one.message === 'string' ? one.message : undefined;
        const label = String(record.email ?? record.name ?? '');
        return { row: first + index, label, ...(problem === undefined ? {} : { problem }) };
    });
}
