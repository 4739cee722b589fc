// Which rows and fields of a table are shown. All of it stands in the address, so a view can be shared and kept.

import type { Query } from '../../lib/api';
import { SIZES } from '../../lib/listing';

export interface View {
    page: number;
    size: number;
    /** In the API's words, such as `name desc`. */
    order: string;
    filter: string;
    /** Those that are shown; empty: the first of them. */
    fields: string[];
}

/** Columns of a table that are shown at first; a wider table has the others in the chooser. */
export const FIRST_FIELDS = 40;

/** The view of an address; what makes no sense there is ignored. */
export function viewOf(query: URLSearchParams): View {
    const size = Number(query.get('size'));
    return {
        page: Math.max(1, Math.floor(Number(query.get('page')) || 1)),
        size: SIZES.includes(size) ? size : (SIZES[0] ?? 25),
        order: query.get('order') ?? '',
        filter: query.get('filter') ?? '',
        fields: (query.get('fields') ?? '').split(',').filter(Boolean),
    };
}

/** The call that reads the rows of a view. */
export function recordsQuery(view: View): Query {
    return {
        limit: view.size,
        offset: (view.page - 1) * view.size,
        order: view.order || undefined,
        filter: view.filter || undefined,
        include_count: true,
        include_schema: true,
    };
}

/** The order of one field, as a column's header shows it. */
export function orderOf(order: string, field: string): 'ascending' | 'descending' | undefined {
    const [name, direction] = order.trim().split(/\s+/);
    if (name !== field || order.includes(',')) return undefined;
    return direction?.toLowerCase() === 'desc' ? 'descending' : 'ascending';
}

/** What the order becomes when a header is pressed: up, down, none. */
export function nextOrder(order: string, field: string): string | undefined {
    const now = orderOf(order, field);
    return now === undefined ? field : now === 'ascending' ? `${field} desc` : undefined;
}
