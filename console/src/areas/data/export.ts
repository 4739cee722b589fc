// All rows of a filter as a file, fetched page by page as text, so that every digit is kept.

import { send, segment, type Query } from '../../lib/api';
import { saveAs } from '../../lib/download';

export type Form = 'csv' | 'json';

const STEP = 1000;

/** Fetches the rows in the order of the view and saves them; `progress` is told how many there are so far. */
export async function exportRows(
    { service, table, query, total, form }: { service: string; table: string; query: Query; total: number; form: Form },
    progress: (count: number) => void,
    signal: AbortSignal,
): Promise<void> {
    const path = `${segment(service)}/_table/${segment(table)}`;
    const page = (offset: number, step: number, accept: string) =>
        send({ verb: 'GET', path, query: { ...query, limit: step, offset }, headers: { accept }, signal });
    const accept = form === 'csv' ? 'text/csv' : 'application/x-ndjson';
    const parts: string[] = [];
    // The service may give fewer rows at once than are asked for: the first page says how many.
    const first = await send({ verb: 'GET', path, query: { ...query, limit: STEP, include_count: true }, signal });
    const given = (JSON.parse(first.text) as { resource: unknown[] }).resource.length;
    for (let offset = 0; offset < total && given > 0; offset += given) {
        const { text } = await page(offset, given, accept);
        parts.push(offset > 0 && form === 'csv' ? withoutHeader(text) : text);
        progress(Math.min(total, offset + given));
    }
    if (form === 'csv') saveAs(`${table}.csv`, 'text/csv', parts);
    else saveAs(`${table}.json`, 'application/json', [asList(parts)]);
}

/** A page of CSV without its line of names. */
export function withoutHeader(csv: string): string {
    return csv.slice(csv.indexOf('\n') + 1);
}

/** Lines of JSON as one list. */
export function asList(pages: string[]): string {
    const lines = pages.flatMap((page) => page.split('\n').filter((line) => line !== ''));
    return `[\n${lines.join(',\n')}\n]\n`;
}
