// Tables of database services as the API describes them, and their names.

import { api, segment, type Listed } from './api';
import { offer, type ServiceEntry } from './offer.svelte';

export interface Field {
    alias?: string | null;
    name: string;
    label: string;
    description: string | null;
    type: string;
    db_type: string;
    length: number | null;
    precision: number | null;
    scale: number | null;
    default: unknown;
    required: boolean;
    allow_null: boolean;
    auto_increment: boolean;
    is_primary_key: boolean;
    is_unique: boolean;
    is_index: boolean;
    is_foreign_key: boolean;
    ref_table: string | null;
    ref_field: string | null;
    picklist: (string | number)[] | null;
    validation: Record<string, unknown> | null;
    db_function: { use: string[]; function: string; function_type?: string }[] | null;
    is_virtual: boolean;
    is_aggregate: boolean;
}

export interface Relation {
    alias?: string | null;
    name: string;
    label: string;
    description?: string | null;
    type: 'belongs_to' | 'has_one' | 'has_many' | 'many_many';
    field: string;
    is_virtual: boolean;
    ref_service_id: number | null;
    ref_table: string;
    ref_field: string;
    ref_on_update?: string | null;
    ref_on_delete?: string | null;
    junction_service_id?: number | null;
    junction_table?: string | null;
    junction_field?: string | null;
    junction_ref_field?: string | null;
    always_fetch?: boolean;
}

export interface Table {
    alias?: string | null;
    name: string;
    label: string;
    plural: string;
    description: string | null;
    is_view: boolean;
    primary_key: string[];
    name_field: string | null;
    field: Field[];
    related: Relation[];
    /** Mask of verbs; only descriptions below `_schema` have it. */
    access?: number;
}

/** What a record of a table is. */
export type Row = Record<string, unknown>;

/** The services whose tables can be looked at. */
export function databases(): ServiceEntry[] {
    return [...offer.inGroup('Database'), ...offer.inGroup('Big Data')];
}

/** The name of the service with this number, where it may be known. */
export function serviceName(id: number | null): string | undefined {
    return offer.services.find((service) => service.id === id)?.name;
}

const known = new Map<string, Promise<string[]>>();

/** The names of a service's tables, asked for once; `refresh` reads the database anew. */
export function tableNames(service: string, { refresh = false } = {}): Promise<string[]> {
    const kept = known.get(service);
    if (kept && !refresh) return kept;
    const query = refresh ? { as_list: true, refresh: true } : { as_list: true };
    const asked = api.get<Listed<string>>(`${segment(service)}/_table`, query).then(({ resource }) => resource);
    known.set(service, asked);
    asked.catch(() => known.delete(service));
    return asked;
}

/** Forgets the names, when tables come or go. */
export function forgetTables(service: string) {
    known.delete(service);
}
