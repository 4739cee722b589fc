// What a list asks the server for: page, order, search and chosen filters, as parameters of the API.

import { quoted, type Query } from './api';

export interface Asked {
    page: number;
    size: number;
    /** Field, with a `-` before it when descending. */
    sort: string;
    search: string;
}

export const SIZES = [25, 50, 100];

/** What a list shows, from the query of the address; what makes no sense there is ignored. */
export function asked(query: URLSearchParams, defaultSort: string): Asked {
    const size = Number(query.get('size'));
    return {
        page: Math.max(1, Math.floor(Number(query.get('page')) || 1)),
        size: SIZES.includes(size) ? size : (SIZES[0] ?? 25),
        sort: query.get('sort') ?? defaultSort,
        search: query.get('q') ?? '',
    };
}

/** The text in any of these fields, as a filter. */
export function contains(fields: string[], text: string): string {
    return fields.map((field) => `(${field} contains ${quoted(text)})`).join(' or ');
}

/** The parameters of a call that answers with this page and the total count. */
export function parameters(list: Asked, fields: string[], filters: string[]): Query {
    const conditions = [...filters];
    if (list.search !== '' && fields.length > 0) conditions.push(contains(fields, list.search));
    const field = list.sort.replace(/^-/, '');
    return {
        limit: list.size,
        offset: (list.page - 1) * list.size,
        order: field ? `${field} ${list.sort.startsWith('-') ? 'DESC' : 'ASC'}` : undefined,
        filter: conditions.length === 0 ? undefined : conditions.map((one) => `(${one})`).join(' and '),
        include_count: true,
    };
}
