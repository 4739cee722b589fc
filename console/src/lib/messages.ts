// Texts by key. Each area has a catalogue of its own, loaded with its screens; a missing key does not compile.

import { recall } from './storage';

type Values = Record<string, string | number>;
type Texts = Record<string, string>;

const plural = new Map<string, Intl.PluralRules>();

/** The language of texts and numbers: what the person chose, else the browser's. */
export function language(): string {
    return recall<string | undefined>('language', undefined) ?? globalThis.navigator?.language ?? 'en';
}

function rules(tag: string): Intl.PluralRules {
    const known = plural.get(tag);
    if (known) return known;
    const made = new Intl.PluralRules(tag);
    plural.set(tag, made);
    return made;
}

/**
 * Fills a text: `{name}` is a value, `{count:row|rows}` one of the words by the plural rules of the language.
 * A value that is not given stays as it is written, so that a mistake shows.
 */
export function fill(text: string, values: Values = {}, tag = 'en'): string {
    return text.replace(/\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g, (whole, name: string, one?: string, other?: string) => {
        const value = values[name];
        if (value === undefined) return whole;
        if (one !== undefined) return (rules(tag).select(Number(value)) === 'one' ? one : other) ?? whole;
        return typeof value === 'number' ? value.toLocaleString(tag) : value;
    });
}

/**
 * The texts of an area: a function from key to text. `en` is complete; other languages, by their tag, may lack keys,
 * which are then shown in English.
 */
export function catalogue<T extends Texts>(en: T, others: Record<string, Partial<Record<keyof T, string>>> = {}) {
    return (key: keyof T & string, values?: Values): string => {
        const tag = language();
        const own = others[tag] ?? others[tag.split('-')[0] ?? ''];
        const text = own?.[key];
        return text === undefined ? fill(en[key] ?? key, values) : fill(text, values, tag);
    };
}
