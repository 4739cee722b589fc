// Dates, numbers and sizes for people.

import { language } from './messages';

/** A number with the separators of the language. */
export function number(value: number): string {
    return value.toLocaleString(language());
}

/** Bytes as KiB, MiB … with at most one digit after the point. */
export function bytes(value: number): string {
    const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
    let unit = 0;
    let rest = value;
    while (rest >= 1024 && unit < units.length - 1) {
        rest /= 1024;
        unit += 1;
    }
    return `${rest.toLocaleString(language(), { maximumFractionDigits: unit === 0 ? 0 : 1 })} ${units[unit]}`;
}

/** Milliseconds as ms or s. */
export function duration(ms: number): string {
    if (ms >= 10_000) return `${(ms / 1000).toLocaleString(language(), { maximumFractionDigits: 0 })} s`;
    if (ms >= 1000) return `${(ms / 1000).toLocaleString(language(), { maximumFractionDigits: 1 })} s`;
    return `${ms.toLocaleString(language(), { maximumFractionDigits: ms < 10 ? 1 : 0 })} ms`;
}

/** A time as the server writes it: ISO, or `2026-11-22 01:05:58`, which is UTC. */
export function instant(text: string): Date | undefined {
    const iso = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/.test(text) ? `${text.replace(' ', 'T')}Z` : text;
    const date = new Date(iso);
    return Number.isNaN(date.getTime()) ? undefined : date;
}

/** A time in the viewer's zone. */
export function when(text: string): string {
    const date = instant(text);
    return date ? date.toLocaleString(language(), { dateStyle: 'medium', timeStyle: 'short' }) : text;
}

/** How long ago, or from now, in the largest whole unit. */
export function ago(text: string, now = Date.now()): string {
    const date = instant(text);
    if (!date) return text;
    const seconds = (date.getTime() - now) / 1000;
    const relative = new Intl.RelativeTimeFormat(language(), { numeric: 'auto' });
    const units: [Intl.RelativeTimeFormatUnit, number][] = [
        ['year', 31_557_600],
        ['month', 2_629_800],
        ['day', 86_400],
        ['hour', 3600],
        ['minute', 60],
    ];
    for (const [unit, length] of units) {
        if (Math.abs(seconds) >= length) return relative.format(Math.round(seconds / length), unit);
    }
    return relative.format(Math.round(seconds), 'second');
}
