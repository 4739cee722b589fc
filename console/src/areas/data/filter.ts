// A filter as conditions that a person can choose, and as the text that the API takes.

import { quoted } from '../../lib/api';

export const OPERATORS = ['=', '!=', '>', '>=', '<', '<=', 'contains', 'starts with', 'ends with', 'like', 'in', 'not in', 'is null', 'is not null'] as const;
export type Operator = (typeof OPERATORS)[number];

export interface Condition {
    field: string;
    operator: Operator;
    /** For `in`: values with commas between them. */
    value: string;
}

export interface Conditions {
    join: 'and' | 'or';
    list: Condition[];
}

/** Whether the operator takes a value. */
export function takesValue(operator: Operator): boolean {
    return operator !== 'is null' && operator !== 'is not null';
}

function written({ field, operator, value }: Condition): string {
    if (!takesValue(operator)) return `${field} ${operator}`;
    if (operator !== 'in' && operator !== 'not in') return `${field} ${operator} ${literal(value)}`;
    const values = value.split(',').map((one) => literal(one.trim()));
    return `${field} ${operator} (${values.join(', ')})`;
}

/** Numbers stand as they are, everything else in quotes. */
function literal(value: string): string {
    return /^-?\d+(\.\d+)?$/.test(value) ? value : quoted(value);
}

/** The conditions as filter text. */
export function filterText({ join, list }: Conditions): string {
    const [only] = list;
    if (list.length === 1 && only) return written(only);
    return list.map((one) => `(${written(one)})`).join(` ${join} `);
}

/** The conditions of a filter text, or undefined where it says more than the builder can show. */
export function conditionsOf(text: string): Conditions | undefined {
    const whole = text.trim();
    if (whole === '') return { join: 'and', list: [] };
    const single = condition(whole);
    if (single) return { join: 'and', list: [single] };
    const parts = groups(whole);
    if (!parts) return undefined;
    const list = parts.groups.map(condition);
    return list.every((one) => one !== undefined) ? { join: parts.join, list } : undefined;
}

/** The texts in parentheses that one word joins. */
function groups(text: string): { join: 'and' | 'or'; groups: string[] } | undefined {
    const found: string[] = [];
    let join: 'and' | 'or' | undefined;
    let rest = text;
    for (;;) {
        const end = closing(rest);
        if (end === undefined) return undefined;
        found.push(rest.slice(1, end).trim());
        rest = rest.slice(end + 1).trim();
        if (rest === '') return { join: join ?? 'and', groups: found };
        const word = /^(and|or)\s*(?=\()/i.exec(rest);
        const next = word?.[1]?.toLowerCase() as 'and' | 'or' | undefined;
        if (!word || !next || (join !== undefined && join !== next)) return undefined;
        join = next;
        rest = rest.slice(word[0].length);
    }
}

/** Where the parenthesis that the text begins with is closed; quotes are respected. */
function closing(text: string): number | undefined {
    if (!text.startsWith('(')) return undefined;
    let depth = 0;
    let quote = '';
    for (let index = 0; index < text.length; index++) {
        const sign = text[index] ?? '';
        if (quote !== '') {
            if (sign === quote) quote = '';
        } else if (sign === "'" || sign === '"') quote = sign;
        else if (sign === '(') depth += 1;
        else if (sign === ')' && --depth === 0) return index;
    }
    return undefined;
}

const SIMPLE = /^([\w$.]+)\s*(>=|<=|!=|<>|=|>|<|\b(?:contains|starts with|ends with|like)\b)\s*([^]*)$/i;
const LIST = /^([\w$.]+)\s+(not in|in)\s*\(([^()]*)\)$/i;
const NULL = /^([\w$.]+)\s+is\s+(not\s+)?null$/i;

function condition(text: string): Condition | undefined {
    const none = NULL.exec(text);
    if (none) return { field: none[1] ?? '', operator: none[2] ? 'is not null' : 'is null', value: '' };
    const list = LIST.exec(text);
    if (list) {
        const values = (list[3] ?? '').split(',').map((one) => unquoted(one.trim()));
        if (values.some((one) => one === undefined || one.includes(','))) return undefined;
        return { field: list[1] ?? '', operator: (list[2] ?? '').toLowerCase() as Operator, value: values.join(', ') };
    }
    const simple = SIMPLE.exec(text);
    if (!simple) return undefined;
    const value = unquoted((simple[3] ?? '').trim());
    if (value === undefined) return undefined;
    const operator = (simple[2] ?? '').toLowerCase();
    return { field: simple[1] ?? '', operator: (operator === '<>' ? '!=' : operator) as Operator, value };
}

/** The text of a value, or undefined where it is more than one plain value. */
function unquoted(value: string): string | undefined {
    const first = value[0];
    if (first === "'" || first === '"') {
        const inner = value.slice(1, -1);
        return value.length > 1 && value.endsWith(first) && !inner.includes(first) ? inner : undefined;
    }
    return /^[^\s()'"]+$/.test(value) ? value : undefined;
}
